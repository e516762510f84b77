// Every page: times in the viewer's own zone, and our own fonts where the line is good.
import { loadFonts } from "./fonts";
import { showOwnTimes } from "./times";

showOwnTimes(document);
loadFonts();
