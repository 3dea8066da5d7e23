// Every plot has a small control in its corner that saves it at print size, as PNG or SVG, with what
// lies over it: lines, labels, frames, painted cells. It fills its page: what is blank round it is
// cut away, and title, axes, legend and caption stand round it (picture_sheet.js). Points that WebGL
// draws become real shapes in an SVG; where that can't be (3-D, or too many), the file and the page
// say that they are an image.
(() => {
  const {css, comparing, ready, plotId: idOf, SvgPen} = window.headscope;
  const WIDE = 1800;  // dots across at least: six inches at 300 dots an inch
  const LEAST = 3;    // dots for a pixel of the screen, at least
  const SHAPES = 20000;  // points of an SVG; with more of them it takes programs minutes to open
  const WORDS = {
    "3d": "Points in three dimensions can't be drawn as shapes: they are an image inside this SVG.",
    many: `More than ${SHAPES.toLocaleString("en")} points: they are an image inside this SVG.`,
  };

  // What the plot is called on the page.
  function titleOf(gd) {
    const figure = gd.closest("figure"), panel = gd.closest(".panel, .view");
    const named = (figure && figure.querySelector("h3, figcaption.visually-hidden")) || (panel && panel.querySelector("h2"));
    return named ? named.textContent.trim() : "Picture";
  }

  const glPoints = gd => gd._fullData.reduce((n, t) => n + (t.type === "scattergl" && t.name !== "query-over" ? t.x.length : 0), 0);

  // Why an SVG of this plot holds an image in place of shapes; nothing if it doesn't.
  function imageIn(gd) {
    if (gd._fullLayout.scene) return "3d";
    return glPoints(gd) > SHAPES ? "many" : "";
  }

  // Lines between the cells of a grid of heads, as shapes of its figure.
  function gaps(trace, color) {
    if (trace.type !== "heatmap" || !trace.xgap) return [];
    const [rows, columns] = [trace.z.length, trace.z[0].length], inner = n => Array.from({length: n - 1}, (_, i) => i + .5);
    const line = (x0, y0, x1, y1) => ({type: "line", xref: trace.xaxis, yref: trace.yaxis, x0, y0, x1, y1, line: {color, width: trace.xgap}});
    return [...inner(rows).map(y => line(-.5, y, columns - .5, y)), ...inner(columns).map(x => line(x, -.5, x, rows - .5))];
  }

  // The plot as it is seen now: zoomed as it is, on the panel's colour.
  function asSeen(gd, shapes) {
    const {data, layout} = structuredClone({data: gd.data, layout: gd.layout}), full = gd._fullLayout;
    layout.paper_bgcolor = css("--hs-panel");
    // Its bar of colours stands in the legend; nothing moves when it goes.
    const {l, r, t, b} = full._size;
    layout.margin = {l, r, t, b, autoexpand: false};
    for (const name of Object.keys(full).filter(key => /^[xy]axis\d*$/.test(key)))
      layout[name] = {...layout[name], autorange: false, range: full[name].range.slice()};
    for (const name of Object.keys(full).filter(key => /^scene\d*$/.test(key)))
      layout[name] = {...layout[name], camera: full[name]._scene.getCamera()};
    for (const trace of data) {
      if (shapes && trace.type === "scattergl") trace.type = "scatter";
      // With gaps Plotly paints a picture of the screen's size, without them one dot a cell, which
      // stays sharp; the gaps become lines under what else is drawn.
      if (trace.type === "heatmap") Object.assign(trace, {xgap: 0, ygap: 0, showscale: false});
      if (trace.marker && trace.marker.showscale) trace.marker.showscale = false;
    }
    layout.shapes = [...gd._fullData.flatMap(trace => gaps(trace, full.plot_bgcolor)), ...(layout.shapes || [])];
    return {data, layout};
  }

  // What lies over the plot, as SVG.
  function over(gd, width, height) {
    const pen = new SvgPen(), id = idOf(gd);
    if (id.startsWith("qk-map") && !gd._fullLayout.scene)
      window.headscope.drawOver(gd, id.slice("qk-map".length), pen, width, height);
    if (id === "patterns-heatmap") window.headscope.paintedOver(gd, pen);
    for (const box of gd.querySelectorAll(":scope > .head-frame"))
      if (!box.hidden) drawFrame(box, pen);
    window.headscope.starsOver(gd, pen);
    return pen.parts.join("");
  }

  function drawFrame(box, pen) {
    const [x, y, w, h] = ["left", "top", "width", "height"].map(side => parseFloat(box.style[side]));
    const second = box.classList.contains("head-frame-b"), look = getComputedStyle(box);
    Object.assign(pen, {strokeStyle: css("--hs-panel"), lineWidth: 1.5});  // a halo round the frame
    pen.strokeRect(x - .75, y - .75, w + 1.5, h + 1.5);
    Object.assign(pen, {strokeStyle: look.borderTopColor, lineWidth: 2});
    pen.setLineDash(second ? [4, 3] : []);
    pen.strokeRect(x + 1, y + 1, w - 2, h - 2);
    pen.setLineDash([]);
    if (!comparing() || !box.textContent) return;
    Object.assign(pen, {font: "bold 10px sans-serif", fillStyle: look.borderTopColor,
      strokeStyle: css("--hs-panel"), lineWidth: 3, lineJoin: "round"});
    pen.strokeText(box.textContent, x + 4, y + 11);
    pen.fillText(box.textContent, x + 4, y + 11);
  }

  // ---- what of it is shown

  const ROOM = 6;  // pixels round what is drawn

  // Where something is drawn at all, in pixels of the plot.
  function drawnPart(pixels, width, height) {
    const ground = pixels.slice(0, 4);
    const blank = i => [0, 1, 2].every(c => Math.abs(pixels[4 * i + c] - ground[c]) < 8);
    let [left, top, right, below] = [width, height, -1, -1];
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        if (blank(y * width + x)) continue;
        [left, right] = [Math.min(left, x), Math.max(right, x)];
        [top, below] = [Math.min(top, y), Math.max(below, y)];
      }
    if (right < 0) return {x: 0, y: 0, width, height};
    const [x, y] = [Math.max(0, left - ROOM), Math.max(0, top - ROOM)];
    return {x, y, width: Math.min(width, right + 1 + ROOM) - x, height: Math.min(height, below + 1 + ROOM) - y};
  }

  const layer = (width, height, inner) =>
    `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${inner}</svg>`)}`;

  const asPng = (figure, width, height, scale) => window.Plotly.toImage(
    {...figure, config: {plotGlPixelRatio: scale}}, {format: "png", width, height, scale}).then(window.headscope.picture);

  async function cropOf(gd, figure, width, height) {
    const canvas = Object.assign(document.createElement("canvas"), {width, height}), pen = canvas.getContext("2d");
    pen.drawImage(await asPng(figure, width, height, 1), 0, 0, width, height);
    pen.drawImage(await window.headscope.picture(layer(width, height, over(gd, width, height))), 0, 0);
    return drawnPart(pen.getImageData(0, 0, width, height).data, width, height);
  }

  // ---- the two formats

  async function png(gd, figure, page, crop, [width, height]) {
    const scale = Math.max(LEAST, Math.ceil(WIDE / page.width)), canvas = document.createElement("canvas");
    Object.assign(canvas, {width: scale * page.width, height: scale * page.height});
    const pen = canvas.getContext("2d"), {plot} = page, fine = Math.ceil(scale * plot.width / crop.width);
    pen.fillStyle = css("--hs-panel");
    pen.fillRect(0, 0, canvas.width, canvas.height);
    const image = await asPng(figure, width, height, fine), ratio = image.naturalWidth / width;
    pen.drawImage(image, ...[crop.x, crop.y, crop.width, crop.height].map(n => n * ratio),
      ...[plot.x, plot.y, plot.width, plot.height].map(n => n * scale));
    const rest = window.headscope.svgOf({...page, ground: false}, {title: "", inner: over(gd, width, height), crop});
    const sized = rest.replace(/width="[^"]*" height="[^"]*"/, `width="${canvas.width}" height="${canvas.height}"`);
    pen.drawImage(await window.headscope.picture(`data:image/svg+xml,${encodeURIComponent(sized)}`), 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL("image/png");
  }

  async function svg(gd, page, crop, [width, height], {title, lines}) {
    const why = imageIn(gd), figure = {...asSeen(gd, !why), config: {plotGlPixelRatio: LEAST}};
    const url = await window.Plotly.toImage(figure, {format: "svg", width, height});
    const inner = decodeURIComponent(url.slice(url.indexOf(",") + 1)).replace(/^<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
    if (why) window.headscope.say(WORDS[why]);
    const about = [...lines, WORDS[why]].filter(Boolean).join(" ");
    return window.headscope.asFile(window.headscope.svgOf(page, {title, about, inner: `${inner}<g>${over(gd, width, height)}</g>`, crop}));
  }

  const HIDDEN = "This picture is not shown now. Open it, then save it.";
  const BEFORE = "This picture is still of what was chosen before. Save it when the new one is drawn.";

  // Bars and lines have no shape of their own: a narrow panel would cut the names of their axes.
  function sizeOf(gd, box) {
    const free = ["bar", "scatter"].includes(gd._fullData[0].type) && !gd.querySelector(":scope > .head-frame");
    return [Math.max(Math.round(box.width), free ? 560 : 0), Math.round(box.height)];
  }

  async function save(gd, kind) {
    const box = gd && gd.getBoundingClientRect(), shown = ready(gd) && window.headscope.run && box.width;
    if (!shown || window.headscope.late(gd, idOf(gd).endsWith("-b") ? "-b" : "")) {
      window.headscope.say(shown ? BEFORE : HIDDEN);
      return;
    }
    const size = sizeOf(gd, box), facts = window.headscope.facts(gd, titleOf(gd));
    const said = window.headscope.caption(facts), figure = asSeen(gd, false), crop = await cropOf(gd, figure, ...size);
    const page = window.headscope.sheet(crop, {...said, axes: window.headscope.axesOf(gd), items: window.headscope.itemsOf(gd)});
    const url = await (kind === "png" ? png(gd, figure, page, crop, size) : svg(gd, page, crop, size, said));
    window.headscope.download(url, window.headscope.fileName([idOf(gd), ...namesOf(facts.columns)], kind));
  }

  // What a file's name says: model, text and head; of two columns what differs.
  function namesOf(columns) {
    const parts = columns.flatMap(({model, text, head, off}) => [model, text, off && `without-${off}`, head]);
    return parts.filter((part, i) => part && parts.indexOf(part) === i);
  }
  const FAILED = "The picture could not be made. Try the other format, or reload the page.";
  const tried = (gd, kind) => save(gd, kind).catch(() => window.headscope.say(FAILED));
  window.headscope.savePlot = (id, kind) => tried(document.querySelector(`#${id} .js-plotly-plot`), kind);

  // ---- the control in the corner

  function button(words, label, pressed) {
    const made = document.createElement("button");
    Object.assign(made, {type: "button", textContent: words, title: label});
    made.setAttribute("aria-label", label);
    made.addEventListener("click", event => { event.stopPropagation(); pressed(); });
    return made;
  }

  function control(gd) {
    const box = document.createElement("div"), title = titleOf(gd);
    const kinds = ["png", "svg"].map(kind => button(kind.toUpperCase(), `Save as ${kind.toUpperCase()}: ${title}`,
      () => { open(false); tried(gd, kind); }));
    const main = button("⤓", `Save this picture: ${title}`, () => open(kinds[0].hidden));
    function open(yes) {
      for (const each of kinds) each.hidden = !yes;
      main.setAttribute("aria-expanded", yes);
      if (yes) kinds[0].focus(); else if (box.contains(document.activeElement)) main.focus();
    }
    box.className = "save-plot";
    box.append(main, ...kinds);
    box.addEventListener("keydown", event => {
      if (event.key !== "Escape" || kinds[0].hidden) return;
      open(false);
      event.stopPropagation();
    });
    box.addEventListener("focusout", event => { if (!box.contains(event.relatedTarget)) open(false); });
    open(false);
    gd.appendChild(box);
  }

  function addControls() {
    for (const gd of document.querySelectorAll(".plot > .js-plotly-plot"))
      if (ready(gd) && !gd.querySelector(":scope > .save-plot")) control(gd);
  }
  new MutationObserver(addControls).observe(document.documentElement, {childList: true, subtree: true});
})();
