// The words of a head's examples: what the word under the mouse, the finger or the keyboard looks at,
// and what looks at it. Each passage brings its links along: of each word [key, thousandths, …].
(() => {
  const {byId} = window.headscope;
  const SAID = 4;  // so many are named

  const wordsOf = box => [...box.querySelectorAll(".corpus-word")];
  const named = word => `“${word.textContent}”`;
  const weight = thousandths => window.headscope.weight(thousandths / 1000);

  const read = new WeakMap();
  function links(box) {
    if (!read.has(box)) {
      const rows = JSON.parse(box.dataset.links);
      read.set(box, rows.map(row => Array.from({length: row.length / 2}, (_, i) => [row[2 * i], row[2 * i + 1]])));
    }
    return read.get(box);
  }

  const list = (words, pairs) => pairs.sort((a, b) => b[1] - a[1]).slice(0, SAID)
    .map(([at, share]) => `${named(words[at])} ${weight(share)}`).join(", ");

  function show(box, at) {
    const words = wordsOf(box), rows = links(box), looks = rows[at] || [];
    const seen = rows.flatMap((row, query) => row.filter(([key]) => key === at).map(([, share]) => [query, share]));
    leave();
    box.classList.add("told");
    words[at].classList.add("now");
    for (const [key, share] of looks) {
      words[key].classList.add("to");
      words[key].style.setProperty("--to", `${Math.round(Math.min(85, 15 + share * .07))}%`);
    }
    for (const [query] of seen) words[query].classList.add("from");
    const to = looks.length ? `looks at ${list(words, looks)}` : "looks at no ordinary word with more than .005";
    const by = seen.length ? `; ${list(words, seen)} look${seen.length === 1 ? "s" : ""} at it` : "; nothing looks at it";
    const told = box.closest(".panel").querySelector(".corpus-told");
    if (told) told.textContent = `${named(words[at])} ${to}${by}.`;
  }

  function leave() {
    for (const box of document.querySelectorAll(".corpus-words.told")) {
      box.classList.remove("told");
      for (const word of wordsOf(box)) {
        word.classList.remove("now", "to", "from");
        word.style.removeProperty("--to");
      }
    }
  }

  const place = event => {
    const word = event.target.closest && event.target.closest(".corpus-word");
    return word && [word.parentElement, wordsOf(word.parentElement).indexOf(word)];
  };

  document.addEventListener("pointerover", e => {
    const at = place(e), walked = document.activeElement.closest(".corpus-words.told");
    if (at) show(...at); else if (!walked && !(e.target.closest && e.target.closest(".corpus-words"))) leave();
  });
  document.addEventListener("click", e => {
    const at = place(e);
    if (at) show(...at);
    const whole = e.target.closest(".corpus-whole");
    if (whole) {
      const open = whole.closest(".corpus-example").classList.toggle("whole");
      whole.textContent = open ? "Less" : "Whole passage";
    }
  });

  const STEPS = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1};

  // Arrow keys walk in the words, and leave the open head alone there: so they are heard first.
  document.addEventListener("keydown", e => {
    const box = e.target.closest && e.target.closest(".corpus-words");
    if (!box || !(e.key in STEPS) || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    e.stopPropagation();
    const words = wordsOf(box).filter(word => word.offsetParent), all = wordsOf(box);
    const now = words.findIndex(word => word.classList.contains("now"));
    const next = now < 0 ? words.indexOf(all[+box.closest(".corpus-example").dataset.place]) : now + STEPS[e.key];
    show(box, all.indexOf(words[Math.min(words.length - 1, Math.max(0, next))]));
  }, true);

  document.addEventListener("focusin", e => {
    if (e.target.matches(".corpus-words:focus-visible") && !e.target.classList.contains("told"))
      show(e.target, +e.target.closest(".corpus-example").dataset.place);
  });

  window.headscope.corpusWords = {show, leave, byId};
})();
