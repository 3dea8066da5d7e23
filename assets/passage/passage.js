// The passage in words under a heatmap, each shaded by its attention; and clicks and keys there.
// They are not Dash components: a hundred of those, made anew at every click, would slow it down.
(() => {
  const {pick, weight} = window.headscope;

  const element = (name, className) => Object.assign(document.createElement(name), {className});

  // The two paragraphs; made once, and kept while the page is there.
  function parts(box) {
    if (!box.firstChild) box.append(element("p", "words"), element("p", "note"));
    return box.children;
  }

  function wordOf(token) {
    const word = element("span", "word");
    word.dataset.token = token;
    word.setAttribute("role", "button");
    return word;
  }

  // The words of the link's passage; those that are there stay, with the focus that one may have.
  function fill(line, link, strings) {
    const of = `${link.start} ${strings.slice(link.start, link.start + link.count).join(" ")}`;
    if (line.dataset.of === of) return;
    line.dataset.of = of;
    line.replaceChildren(...Array.from({length: link.count}, (_, i) => {
      const word = wordOf(link.start + i);
      word.textContent = strings[link.start + i];
      return word;
    }));
  }

  // ---- shades, as dark as the cells of the heatmap

  const channels = ink => [1, 3, 5].map(i => parseInt(ink.slice(i, i + 2), 16));

  // A colour of a scale that is given by some of them.
  function between(inks, shade) {
    const place = shade * (inks.length - 1), first = Math.min(Math.floor(place), inks.length - 2);
    const [from, to] = [inks[first], inks[first + 1]].map(channels);
    return from.map((part, i) => Math.round(part + (to[i] - part) * (place - first)));
  }

  // Black or white, whichever can be read on a colour: the contrast is 4.5 at least.
  function on(ink) {
    const [r, g, b] = ink.map(part => (part /= 255) <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b > .179 ? "#000" : "#fff";
  }

  function colour(style, {shades, grey, inks, greys}, i) {
    const ink = shades && shades[i] > .02 && between(grey[i] ? greys : inks, shades[i]);
    style.backgroundColor = ink ? `rgb(${ink.join()})` : "";
    style.color = ink ? on(ink) : "";
  }

  function shade(line, link) {
    const {selection, weights, start, count} = link;
    const at = selection ? selection.token - start : 0, stop = at >= 0 && at < count ? at : 0;
    const other = selection && (selection.role === "query" ? "key" : "query");
    [...line.children].forEach((word, i) => {
      const token = start + i, chosen = !!selection && token === selection.token;
      word.classList.toggle("chosen", chosen);
      word.classList.toggle("paired", !!selection && !chosen && token === selection.other);
      word.dataset.role = !selection ? "" : chosen ? selection.role : other;  // for the frame's colour
      colour(word.style, link, i);
      word.title = weights ? `attention ${weight(weights[i])}` : "";
      word.tabIndex = i === stop ? 0 : -1;
    });
  }

  // The marked word of a long passage, where it is seen.
  function reveal(line, at) {
    const word = line.children[at];
    if (!word || line.scrollHeight <= line.clientHeight) return;
    const top = word.offsetTop - line.offsetTop;
    if (top < line.scrollTop || top + word.offsetHeight > line.scrollTop + line.clientHeight)
      line.scrollTop = top - line.clientHeight / 2;
  }

  // Where the attention goes (or comes from), and how much the most of it is.
  function said({selection, weights, start}, strings) {
    if (!selection) return "Click a token here, a point of the map or a cell.";
    const most = Math.max(...weights), where = strings[start + weights.indexOf(most)];
    const top = most > 0 ? `most at “${where}”: ${weight(most)}` : "nowhere";
    const what = selection.role === "query" ? "where the marked token looks" : "which tokens look at the marked one";
    return `Shaded in the colours of the heatmap: ${what}; ${top}.`;
  }

  window.headscope.drawWords = (id, link, tokens) => {
    const box = document.getElementById(id);
    if (!box || !link || !tokens) return;
    const [line, note] = parts(box);
    const focused = line.contains(document.activeElement);
    fill(line, link, tokens.strings);
    shade(line, link);
    if (focused && !line.contains(document.activeElement)) line.querySelector("[tabindex='0']").focus({preventScroll: true});
    // Not at once: the browser would have to lay the page out for it, and again for the picture.
    if (link.selection) requestAnimationFrame(() => reveal(line, link.selection.token - link.start));
    note.textContent = said(link, tokens.strings);
  };

  document.addEventListener("click", e => {
    const word = e.target.closest("[data-token]");
    if (word) pick(word.closest("#passage-b") ? "-b" : "", {role: "query", token: +word.dataset.token});
  });

  // Before others hear of the key: elsewhere arrows change the head.
  document.addEventListener("keydown", e => {
    const word = e.target.closest("[data-token]");
    if (!word || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "ArrowLeft") word.previousElementSibling?.focus();
    else if (e.key === "ArrowRight") word.nextElementSibling?.focus();
    else if (e.key === "Enter" || e.key === " ") word.click();
    else return;
    e.preventDefault();
    e.stopPropagation();
  }, true);
})();
