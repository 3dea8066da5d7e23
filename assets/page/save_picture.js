// Every plot has a small control in its corner that saves it at print size, as PNG or SVG, with what
// lies over it: lines, labels, frames, painted cells. Points that WebGL draws become real shapes in
// an SVG; where that can't be (3-D, or too many), the file and the page say that they are an image.
(() => {
  const {byId, css, comparing, ready, SvgPen, escaped} = window.headscope;
  const WIDE = 1800;  // dots across at least: six inches at 300 dots an inch
  const LEAST = 3;    // dots for a pixel of the screen, at least
  const SHAPES = 20000;  // points of an SVG; with more of them it takes programs minutes to open
  const WORDS = {
    "3d": "Points in three dimensions can't be drawn as shapes: they are an image inside this SVG.",
    many: `More than ${SHAPES.toLocaleString("en")} points: they are an image inside this SVG.`,
  };

  const idOf = gd => gd.closest(".plot").id || "picture";

  // What the plot is called on the page.
  function titleOf(gd) {
    const figure = gd.closest("figure"), panel = gd.closest(".panel, .view");
    const named = (figure && figure.querySelector("h3, figcaption.visually-hidden")) || (panel && panel.querySelector("h2"));
    return named ? named.textContent.trim() : "Picture";
  }

  const glPoints = gd => gd._fullData.reduce((n, t) => n + (t.type === "scattergl" ? t.x.length : 0), 0);

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
    for (const name of Object.keys(full).filter(key => /^[xy]axis\d*$/.test(key)))
      layout[name] = {...layout[name], autorange: false, range: full[name].range.slice()};
    window.headscope.thinned(gd, layout);
    for (const name of Object.keys(full).filter(key => /^scene\d*$/.test(key)))
      layout[name] = {...layout[name], camera: full[name]._scene.getCamera()};
    for (const trace of data) {
      if (shapes && trace.type === "scattergl") trace.type = "scatter";
      // With gaps Plotly paints a picture of the screen's size, without them one dot a cell, which
      // stays sharp; the gaps become lines under what else is drawn.
      if (trace.type === "heatmap") trace.xgap = trace.ygap = 0;
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

  const picture = url => new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = reject;
    image.src = url;
  });

  async function png(gd, width, height) {
    const scale = Math.max(LEAST, Math.ceil(WIDE / width)), canvas = document.createElement("canvas");
    Object.assign(canvas, {width: scale * width, height: scale * height});
    const pen = canvas.getContext("2d"), figure = {...asSeen(gd, false), config: {plotGlPixelRatio: scale}};
    const plot = await window.Plotly.toImage(figure, {format: "png", width, height, scale});
    const open = `<svg xmlns="http://www.w3.org/2000/svg" width="${canvas.width}" height="${canvas.height}" viewBox="0 0 ${width} ${height}">`;
    const lines = `data:image/svg+xml,${encodeURIComponent(`${open}${over(gd, width, height)}</svg>`)}`;
    for (const url of [plot, lines]) pen.drawImage(await picture(url), 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL("image/png");
  }

  async function svg(gd, width, height, said) {
    const why = imageIn(gd), figure = {...asSeen(gd, !why), config: {plotGlPixelRatio: LEAST}};
    const url = await window.Plotly.toImage(figure, {format: "svg", width, height});
    const about = `<title>${escaped(titleOf(gd))}</title><desc>${escaped([said, WORDS[why]].filter(Boolean).join(". "))}</desc>`;
    const text = decodeURIComponent(url.slice(url.indexOf(",") + 1))
      .replace(/^<svg[^>]*>/, begin => `${begin}${about}`)
      .replace(/<\/svg>\s*$/, () => `<g>${over(gd, width, height)}</g></svg>`);
    if (why) window.headscope.say(WORDS[why]);
    return URL.createObjectURL(new Blob([text], {type: "image/svg+xml"}));
  }

  async function save(gd, kind) {
    const run = window.headscope.run, box = gd && gd.getBoundingClientRect();
    if (!ready(gd) || !run || !box.width) {
      window.headscope.say("This picture is not shown now. Open it, then save it.");
      return;
    }
    const [width, height] = [Math.round(box.width), Math.round(box.height)];
    const side = idOf(gd).endsWith("-b") ? "-b" : "", shown = (side && window.headscope.runB) || run;
    const [layer, head] = ["layer", "head"].map(what => byId(`${what}-select${side}`).value);
    const of = [shown.model.name, shown.text, `L${layer}H${head}`], link = document.createElement("a");
    link.href = await (kind === "png" ? png(gd, width, height) : svg(gd, width, height, `Headscope, ${of.join(", ")}`));
    link.download = `${[idOf(gd), ...of].join("-")}.${kind}`;
    link.click();
    if (kind === "svg") setTimeout(() => URL.revokeObjectURL(link.href), 10000);
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
