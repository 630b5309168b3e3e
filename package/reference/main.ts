// Writes docs/reference.md.
import { writeFileSync } from "node:fs";
import { readDoor } from "./read-door.ts";
import { referencePage } from "./reference-page.ts";

writeFileSync(new URL("../../docs/reference.md", import.meta.url), referencePage(readDoor()));
