import{f as m}from"./chunk-P5KGLQZD.js";import"./chunk-5BEVYMCJ.js";m(document);
