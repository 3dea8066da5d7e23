// What every head looks at from the selected patch (components/pictures/every_head.py): a small picture
// for each, layers downwards; a click opens the head.
(() => {
  const {byId, set, skip, openHead} = window.headscope;
  let sent = null, tokens = null;

  // Numbers of one byte, as they were sent.
  const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));

  function tile(layer, head) {
    const made = document.createElement("button");
    made.className = "picture-tile";
    made.dataset.head = `${layer} ${head}`;
    made.append(document.createElement("canvas"), `L${layer}H${head} `, document.createElement("small"));
    return made;
  }

  // The places for all heads of a model; made anew if it is another one.
  function tiles(grid, {layers, heads}) {
    const of = `${layers} ${heads}`;
    if (grid.dataset.of !== of) {
      grid.dataset.of = of;
      grid.style.setProperty("--heads", heads);
      grid.replaceChildren(...Array.from({length: layers * heads}, (_, i) => tile(Math.floor(i / heads), i % heads)));
    }
    return [...grid.children];
  }

  // The attention to all patches as a picture of one pixel each.
  function colours(levels, {before, rows, columns}) {
    const pixels = new ImageData(columns, rows), most = Math.max(...levels) ** 2;
    for (let i = 0; i < rows * columns; i++) {
      const [red, green, blue, alpha] = window.headscope.pictures.laid(levels[before + i] ** 2, most);
      pixels.data.set([red, green, blue, Math.round(255 * alpha)], 4 * i);
    }
    const canvas = Object.assign(document.createElement("canvas"), {width: columns, height: rows});
    canvas.getContext("2d").putImageData(pixels, 0, 0);
    return canvas;
  }

  function draw() {
    const run = window.headscope.run, panel = byId("picture-panel"), {pictures} = window.headscope;
    if (!panel) return;
    panel.hidden = !pictures.ofPictures(run);
    const there = sent && tokens && tokens.grid && run && sent.run === run.key && tokens.run === run.key;
    byId("picture-grid").hidden = !there;
    byId("picture-note").textContent = there ? `${sent.role === "query" ? "Where" : "Which patches look at"} ${pictures.patchNamed(tokens, sent.token)}${sent.role === "query" ? " looks" : ""}. Each head has its own scale: its largest attention, the number, has the full colour.`
      : "Select a patch: click one in the picture, a point of the map or a cell of the heatmap.";
    if (!there) return;
    const {grid} = tokens, all = bytes(sent.heads), own = i => all.subarray(i * grid.length, (i + 1) * grid.length), at = pictures.placeOf(tokens, sent.token);
    const made = tiles(byId("picture-grid"), run.model);
    made.forEach((place, i) => { place.lastChild.textContent = window.headscope.short(sent.most[i]); });
    pictures.image(tokens, at.number, picture => made.forEach((place, i) => {
      const canvas = place.firstChild, width = canvas.clientWidth || 64, height = width * grid.height / grid.width;
      canvas.style.aspectRatio = `${grid.width} / ${grid.height}`;
      const pen = window.headscope.pen(canvas, width, height);
      pen.filter = "grayscale(.7)";
      pen.drawImage(picture, 0, 0, width, height);
      pen.filter = "none";
      pen.imageSmoothingEnabled = false;
      pen.drawImage(colours(own(i), grid), 0, 0, width, height);
      if (at.row !== null) {
        Object.assign(pen, {strokeStyle: window.headscope.css(`--hs-${sent.role}`), lineWidth: 2});
        pen.strokeRect(...pictures.boxOf(tokens, at).map(n => n * width / grid.width));
      }
    }));
    frame();
  }

  // The open head is framed.
  function frame() {
    const open = ["layer", "head"].map(what => byId(`${what}-select`).value).join(" ");
    for (const place of byId("picture-grid")?.children || []) place.classList.toggle("open", place.dataset.head === open);
  }

  document.addEventListener("click", e => {
    const place = e.target.closest(".picture-tile");
    if (place) openHead(...place.dataset.head.split(" ").map(Number));
  });
  window.headscope.onHead(() => requestAnimationFrame(frame));

  // What the server is asked for; nothing while a text is open.
  let asked = null, open = null;
  function next(run, selection) {
    const of = window.headscope.pictures.ofPictures(run) && selection && selection.token != null && selection.token < run.tokens;
    const wanted = of ? {run: run.key, token: selection.token, role: selection.role} : null;
    if (run) requestAnimationFrame(draw);
    if (JSON.stringify(wanted) === JSON.stringify(asked)) return skip();
    return asked = wanted;
  }

  window.headscope.onSelection(selection => {
    const wanted = open && next(open, selection);
    if (open && wanted !== skip()) set("picture-asked", {data: wanted});
  });
  window.headscope.callbacks({
    pictureAsk(run) {
      open = run;
      return next(run, window.headscope.state.selection);
    },
    pictureHeads(found, all) {
      [sent, tokens] = [found, all];
      requestAnimationFrame(draw);
    },
  });
})();
