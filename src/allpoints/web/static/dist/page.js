import{f as m}from"./chunk-D47APBIT.js";import"./chunk-5BEVYMCJ.js";m(document);
