/** The files to demonstrate with: what was named, or the project's samples. */
import { basename, extname, relative, resolve } from "node:path";
import { typeByExtension } from "@std/media-types/type-by-extension";
import { fileURLToPath } from "node:url";

export interface DemoFile {
  path: string;
  /** Without the folders: what is shown. */
  name: string;
  /** What a browser would declare. */
  type: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** A file that can't be used, in the form of `files_processed.errors`. */
export interface FileError {
  path: string;
  code: string;
  message: string;
}

/** Where the user stands: `deno task` itself goes to the project's folder. */
const HERE = Deno.env.get("INIT_CWD") || Deno.cwd();

const SAMPLES = ["consultation.webm", "prescription.jpg"]
  .map((name) => relative(HERE, fileURLToPath(new URL(`../../samples/${name}`, import.meta.url))));

/** Bytes. Storage refuses much smaller files; above this, the demo doesn't read one to be told so. */
const LARGEST = 1024 ** 3;

/** Reads a file, as a browser would before its upload. */
export async function openFile(path: string): Promise<DemoFile | FileError> {
  const fault = (code: string, message: string) => ({ path, code, message });
  try {
    const place = resolve(HERE, path);
    const { isFile, size } = await Deno.stat(place);
    if (!isFile) return fault("file_type", "This is not a file: name an audio file or a picture.");
    if (size > LARGEST) return fault("file_too_large", "The file is larger than 50 MiB.");
    const type = typeByExtension(extname(path)) ?? "application/octet-stream";
    return { path, name: basename(path), type, bytes: await Deno.readFile(place) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      return fault("file_missing", "There is no such file: check the path.");
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      return fault("file_forbidden", "The file may not be read: check its permissions.");
    }
    throw error;
  }
}

export function filesToShow(named: string[]): string[] {
  return named.length > 0 ? named : SAMPLES;
}
