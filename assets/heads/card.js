// The card under the mouse: what a point of a map is, or a cell of a heatmap, on every stage.
(() => {
  const {made, beside, plot, weight, links, hover, tokensOf, ofRole, spanOf} = window.headscope;

  const card = () => made("card", "tooltip");

  function words({strings, starts, passage}, from, to, marked) {
    const box = document.createElement("p");
    if (from > starts[passage[marked]]) box.append("… ");
    for (let i = from; i < to; i++) {
      const node = document.createElement(i === marked ? "mark" : "span");
      node.textContent = strings[i];
      box.append(node, " ");
    }
    if (to < starts[passage[marked] + 1]) box.append("…");
    return box;
  }

  let told = null;  // what the card is of, while it is shown: a point,
  let cell = null;  // or a cell of a heatmap

  function ofPoint(side, role, token, event) {
    const all = tokensOf(side), tokens = ofRole(all, role);
    if (!tokens) return;
    told = [side, role, token];
    cell = null;
    const box = card(), passage = tokens.passage[token];
    const [start, end] = [tokens.starts[passage], tokens.starts[passage + 1]];
    const title = document.createElement("p"), link = links[side], {start: first, count} = link ? spanOf(link, role) : {};
    title.innerHTML = `<b class="${role}">${role}</b> `;
    const {pictures} = window.headscope, where = passage >= tokens.own ? "your sentence" : `passage ${passage + 1}`;
    title.append(tokens.grid ? `“${tokens.strings[token]}” of ${pictures.named(tokens, passage)}` : `“${tokens.strings[token]}”, token ${token - start} of ${where}`);
    box.replaceChildren(title, tokens.grid ? pictures.shown(tokens, token, role) : words(tokens, Math.max(start, token - 18), Math.min(end, token + 19), token));
    if (link && link.selection && link.weights && link.selection.role !== role
        && token >= first && token < first + count) {
      const line = document.createElement("p");
      line.append(`attention ${role === "key" ? "from" : "to"} the selected `
        + `“${ofRole(all, link.selection.role).strings[link.selection.token]}”: ${weight(link.weights[token - first])}`);
      box.append(line);
    }
    box.hidden = false;
    beside(box, event);
  }

  // What the card says of a cell of a heatmap, named as on its axes.
  function ofCell(id, y, x, event) {
    const {_fullLayout: {xaxis, yaxis}, _fullData: [{z, customdata}]} = plot(id), name = (axis, i) => window.headscope.plain(axis.labelalias[i]);
    const line = document.createElement("p"), value = document.createElement("p"), shown = (customdata || z)[y][x];
    line.innerHTML = "<b class=query>query</b> “<span></span>” → <b class=key>key</b> “<span></span>”";
    [name(yaxis, y), name(xaxis, x)].forEach((words, i) => { line.querySelectorAll("span")[i].textContent = words; });
    const differs = id === "attention-difference";
    value.textContent = !Number.isFinite(shown) ? (differs ? "not compared: left out, or no token of both" : "special tokens are left out")
      : `${differs ? "A − B:" : "attention"} ${differs && shown >= 1e-4 ? "+" : ""}${weight(shown)}`;
    card().replaceChildren(line, value);
    card().hidden = false;
    cell = [id, y, x, event];
    beside(card(), event);
  }

  // What is drawn now may be another head's: the card says what is now so.
  function renewCell(id) {
    if (!cell || cell[0] !== id) return;
    const [, y, x] = cell, rows = plot(id)._fullData[0].z;
    if (y < rows.length && x < rows[y].length) ofCell(...cell); else away();
  }

  function away() {
    hover(null);
    card().hidden = true;
    told = cell = null;
  }

  // Another head was chosen by a key, or another token: the card says what is now so.
  function renew(side) {
    if (told && told[0] === side) ofPoint(...told);
  }

  // What a heatmap tells that only shows attention: nothing can be done with its cells.
  const hears = id => ({
    hover: ({points: [{y, x}], event}) => ofCell(id, y, x, event),
    unhover: away,
    afterplot: () => renewCell(id),
  });

  window.headscope.card = {ofPoint, ofCell, renew, renewCell, away, hears};
})();
