// What is written beside a saved picture, so that it can still be read where nobody knows what it is
// of: a title, and lines that say model, text, head, how it was made, and when. From facts alone,
// which caption_facts.js reads off the page.
(() => {
  const TRUST = "of the attention that the nearest tenth of a query's passage could hold, the share it does hold, above chance";

  // A head as a title names it. In `what`, {A} and {B} stand for the heads of the columns.
  const named = ({head, model}) => [head, model].filter(Boolean).join(", ");

  // "of L0H2, all-MiniLM-L6-v2"; of two heads of one model its name comes once.
  function titleOf(what, columns) {
    const [a, b] = columns;
    if (!/\{[AB]\}/.test(what)) return a.head ? `${what} of ${named(a)}` : `${what}, ${a.model}`;
    const one = !b || (a.model === b.model && a.text === b.text && a.off === b.off);
    const put = side => (side ? (one ? side.head : `${side.head} (${place(side)})`) : "");
    return what.replace("{A}", put(a)).replace("{B}", put(b)) + (one ? `, ${a.model}` : "");
  }

  const off = ({off: heads, replaced}) => (heads ? `, without ${heads}${replaced ? ` (replaced by ${replaced})` : ""}` : "");
  const place = column => `${column.model} on “${column.text}”${off(column)}`;

  function model(columns) {
    const found = columns.map(column => [
      `Model ${column.model}${column.identity ? ` (identity ${column.identity.slice(0, 12)})` : ""}${column.precision ? ` in ${column.precision}` : ""}${off(column)}`,
      column.text && `text “${column.text}”${column.size ? ` (${column.size})` : ""}`,
      column.head && `head ${column.head}`,
    ].filter(Boolean).join(", "));
    if (found.length < 2) return found;
    return found.map((words, i) => `${"AB"[i]}: ${words}`);
  }

  // Facts are left out where a picture has none: see `facts` in caption_facts.js.
  function caption({what, columns, map, trust, passage, colour, token, notes, date, version}) {
    const sentence = words => `${words.replace(/\s+/g, " ").trim().replace(/\s*[.…:]$/, "")}.`;
    const lines = [
      ...model(columns),
      map && `Map: ${map}`,
      trust && `${trust}${/\d/.test(trust) ? `: ${TRUST}` : ""}`,
      passage,
      colour && `Colour: ${colour}`,
      token && `Selected: ${token}`,
      ...(notes || []),
      `Saved ${date} with Headscope${version ? `, code ${version}` : ""}`,
    ];
    return {title: titleOf(what, columns), lines: lines.filter(Boolean).flatMap(line => line.split("\n")).filter(line => line.trim()).map(sentence)};
  }

  // What a file is called: only what every system takes in a name.
  const fileName = (parts, kind) =>
    `${parts.filter(Boolean).map(part => String(part).replace(/[^\p{L}\p{N}._]+/gu, "-").slice(0, 60).replace(/^-|-$/g, "")).join("-")}.${kind}`;

  Object.assign(window.headscope, {caption, fileName});
})();
