// Every page: times in the viewer's own zone.
import { showOwnTimes } from "./times";

showOwnTimes(document);
