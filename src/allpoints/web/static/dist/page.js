import{f as m}from"./chunk-RRIAKDRA.js";import"./chunk-5BEVYMCJ.js";m(document);
