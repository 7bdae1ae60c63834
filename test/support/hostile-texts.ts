/** Texts that have broken somebody's program. In the browser `hostile()` would be called, if a page ran one of them. */
export const MARKUP: readonly string[] = [
  '<script>hostile()</script>',
  '"><img src=x onerror=hostile()>',
  "'-hostile()-'",
  'javascript:hostile()',
  '<svg/onload=hostile()>',
  '</script><script>hostile()</script>',
  '</title></textarea><iframe srcdoc="<script>parent.hostile()</script>">',
  '<a href="javascript:hostile()">a</a>',
  '<style>*{display:none}</style>',
  '{{constructor.constructor("hostile()")()}}',
  '${hostile()}',
];

const SQL: readonly string[] = [
  "'; DROP TABLE payments; --",
  "' OR '1'='1",
  '1); SELECT pg_sleep(20); --',
  "\\'; DELETE FROM orders; --",
  '$1',
  '%',
  '_%\\',
];

/** Names that an object has without anybody's doing. */
export const INHERITED: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
];

const UNICODE: readonly string[] = [
  '\u0000',
  'before\u0000after',
  '\ud800',
  '\udc00\ud800',
  '\u202eright to left',
  'A\u030angstro\u0308m',
  '\u00c5ngstr\u00f6m',
  '\ufb01\u0131\u0130\u00df',
  '\u200b\ufeff\u2060',
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
  'Z\u0351\u036b\u0343\u036a\u0302\u036b',
  '\u2028\u2029\u0085',
  '\uffff\ufffe',
];

const SHAPES: readonly string[] = [
  '',
  ' ',
  'null',
  'undefined',
  'NaN',
  'true',
  '[object Object]',
  '0',
  '-1',
  '1e309',
  '0x10',
  '9223372036854775808',
  '999999999999999999999999',
  '2026-02-30T25:61:61Z',
  '../../../../etc/passwd',
  '..\\..\\windows',
  '\r\nx-injected: yes\r\n',
  '\nx-injected: yes',
  '%s%n%x',
  '(?:a+)+$',
  'a'.repeat(5_000),
  '\u{1f600}'.repeat(2_000),
];

export const HOSTILE_TEXTS: readonly string[] = [...MARKUP, ...SQL, ...INHERITED, ...UNICODE, ...SHAPES];
