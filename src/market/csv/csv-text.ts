/** From the bytes of a file to text that can be split into lines, or an error that says why not. */

import { csvUnreadable, quoteCell } from './csv-error.ts'

const SIGNATURES: readonly { readonly bytes: readonly number[]; readonly what: string }[] = [
  { bytes: [0x1f, 0x8b], what: 'a gzip archive' },
  { bytes: [0x50, 0x4b, 0x03, 0x04], what: 'a zip archive or an Excel workbook' },
  { bytes: [0x50, 0x41, 0x52, 0x31], what: 'a Parquet file' },
  { bytes: [0xd0, 0xcf, 0x11, 0xe0], what: 'an old Excel workbook' },
]
const EXPECTED_TEXT = 'a text file of comma-separated daily bars'

/**
 * The file as text with `\n` line ends: byte order marks are removed, UTF-16 is recognised.
 *
 * @throws {TickerflowError} `CSV_UNREADABLE` for empty files, binary files, HTML and JSON.
 */
export function decodeCsvText(content: Uint8Array | string, file: string): string {
  const raw = typeof content === 'string' ? content : decodeBytes(content, file)
  const unmarked = raw.charCodeAt(0) === 0xfeff ? raw.slice(1) : raw
  const text = unmarked.includes('\r') ? unmarked.replace(/\r\n?/g, '\n') : unmarked
  const start = text.slice(0, 400).trimStart()
  if (start === '' && text.trim() === '') throw emptyFile(file)
  if (start.startsWith('<') && !/^<\w+>\s*[,;\t]/.test(start))
    throw notCsv(file, 'a web page', start)
  if (start.startsWith('{') || start.startsWith('[')) throw notCsv(file, 'JSON', start)
  return text
}

function decodeBytes(bytes: Uint8Array, file: string): string {
  if (bytes.length === 0) throw emptyFile(file)
  const archive = SIGNATURES.find(({ bytes: sign }) => sign.every((byte, i) => bytes[i] === byte))
  if (archive !== undefined) {
    const remedy = 'Unpack it, or export the sheet as CSV, and pass that file.'
    throw csvUnreadable({ file, received: archive.what, expected: EXPECTED_TEXT, remedy })
  }
  const encoding = encodingOf(bytes)
  if (encoding === 'utf-8' && bytes.subarray(0, 4096).includes(0)) {
    const remedy = 'Export the data as CSV in UTF-8.'
    throw csvUnreadable({ file, received: 'binary data', expected: EXPECTED_TEXT, remedy })
  }
  try {
    return new TextDecoder(encoding).decode(bytes)
  } catch (cause) {
    const remedy = 'Split the file into smaller ones.'
    const received = `${bytes.length} bytes that cannot be decoded`
    throw csvUnreadable({ file, received, expected: 'at most about 500 MB of text', remedy }, cause)
  }
}

function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  return 'utf-8'
}

function emptyFile(file: string): Error {
  return csvUnreadable({
    file,
    received: 'an empty file',
    expected: 'a header line and one line per session',
    remedy: 'Download or export the data again.',
  })
}

function notCsv(file: string, what: string, start: string): Error {
  return csvUnreadable({
    file,
    line: 1,
    received: `${what} (it begins ${quoteCell(start)})`,
    expected: EXPECTED_TEXT,
    remedy: 'The site probably asked for a login or a check instead: download the data again.',
  })
}
