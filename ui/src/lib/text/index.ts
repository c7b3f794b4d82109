// The catalogue in use. A second language is another object of the same type, chosen here.
import { en } from './en';

export type Catalogue = typeof en;
export const t: Catalogue = en;
