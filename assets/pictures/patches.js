// The picture of the selected patch under the heatmap, with its attention laid over. Its patches are
// buttons in the places of the words of a text (assets/passage/passage.js hears of clicks and keys).
(() => {
  const {weight, otherRole} = window.headscope;
  const element = (name, className) => Object.assign(document.createElement(name), {className});

  function button(token, name) {
    const made = element("span", "word");
    made.dataset.token = token;
    made.setAttribute("role", "button");
    made.setAttribute("aria-label", name);
    return made;
  }

  // The parts of a place for words: a model's own tokens, the patches, what is said.
  function fill(box, {start, count}, tokens) {
    const {grid, strings, run} = tokens, {pictures} = window.headscope, of = `${run} ${start}`;
    if (box.dataset.of === of) return;
    const [own, board, note] = [element("p", "words own-tokens"), element("div", "words patches"), element("p", "note")];
    const {number} = pictures.placeOf(tokens, start);
    board.style.setProperty("--columns", grid.columns);
    board.style.aspectRatio = `${grid.width} / ${grid.height}`;
    board.style.setProperty("--picture", `url("${pictures.address(tokens, number)}")`);
    board.dataset.columns = grid.columns;
    board.setAttribute("role", "group");
    board.setAttribute("aria-label", `Patches of ${pictures.named(tokens, number)}`);
    for (let i = 0; i < count; i++) {
      const made = button(start + i, strings[start + i]);
      if (i < grid.before) made.textContent = strings[start + i];
      (i < grid.before ? own : board).append(made);
    }
    own.hidden = !grid.before;
    box.replaceChildren(own, board, note);
    box.dataset.of = of;
  }

  function shade(box, link) {
    const {selection, weights, start} = link, other = selection && otherRole(selection.role);
    const stop = selection ? selection.token : start, most = weights ? Math.max(...weights) : 0;
    box.querySelectorAll(".word").forEach((word, i) => {
      const token = +word.dataset.token, chosen = !!selection && token === selection.token;
      word.classList.toggle("chosen", chosen);
      word.classList.toggle("paired", !!selection && !chosen && token === selection.other);
      word.dataset.role = !selection ? "" : chosen ? selection.role : other;
      word.style.backgroundColor = weights ? `rgba(${window.headscope.pictures.laid(weights[i], most).join()})` : "";
      word.title = `${word.getAttribute("aria-label")}${weights ? `: attention ${weight(weights[i])}` : ""}`;
      word.tabIndex = token === stop ? 0 : -1;
    });
    box.classList.toggle("with-attention", !!weights);
  }

  function said({selection, weights, start}, tokens) {
    const {pictures} = window.headscope, where = pictures.named(tokens, pictures.placeOf(tokens, start).number);
    if (!selection) return `${where}. Click a patch here, a point of the map or a cell.`;
    const most = Math.max(...weights), at = tokens.strings[start + weights.indexOf(most)];
    const top = most > 0 ? `most at “${at}”: ${weight(most)}` : "nowhere";
    const what = selection.role === "query" ? "where the marked patch looks" : "which patches look at the marked one";
    return `${where}. The stronger the colour, the more attention, by its square root: ${what}; ${top}, which has the full colour.`;
  }

  // Draw a picture in the place of the words, and say so; false for a text.
  function drawPassage(box, link, tokens) {
    if (!tokens.grid) {
      if (box.dataset.of) { box.replaceChildren(); delete box.dataset.of; box.classList.remove("with-attention"); }
      return false;
    }
    link = {...link, ...link.picture};  // of a large picture the heatmap shows a part, and this all of it
    const focused = box.contains(document.activeElement);
    fill(box, link, tokens);
    shade(box, link);
    if (focused && !box.contains(document.activeElement)) box.querySelector("[tabindex='0']").focus({preventScroll: true});
    const sentence = said(link, tokens);
    box.querySelector(".note").textContent = sentence[0].toUpperCase() + sentence.slice(1);
    return true;
  }

  // Up and down lead to the patch above and below; to the left and right as among words.
  document.addEventListener("keydown", e => {
    const word = e.target.closest(".patches [data-token]"), by = {ArrowUp: -1, ArrowDown: 1}[e.key];
    if (!word || !by || e.ctrlKey || e.metaKey || e.altKey) return;
    const all = [...word.parentElement.children], next = all[all.indexOf(word) + by * +word.parentElement.dataset.columns];
    if (next) next.focus();
    e.preventDefault();
    e.stopPropagation();
  }, true);

  window.headscope.pictures = {...window.headscope.pictures, drawPassage};
})();
