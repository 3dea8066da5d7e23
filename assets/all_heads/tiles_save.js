// The picture of all heads as a file, at print size.
(() => {
  const {byId} = window.headscope;
  const all = window.headscope.allHeads;
  const WAIT = "The heads are still being laid out. Press again when they are there.";

  const SCALE = 3;  // 12 heads across at 300 dots an inch fill a page
  const said = id => (byId(id) ? byId(id).textContent.trim() : "");
  const chosen = id => { const list = byId(id); return list && list.options ? list.options[list.selectedIndex].text : ""; };

  // What is written round the tiles, and where they stand on their page.
  function laidOut() {
    const {run} = window.headscope, [width, height] = all.drawn(), found = byId("all-find").value.trim();
    const size = window.headscope.sizeOf(run);
    const maps = all.state.show === "maps", own = !maps && all.state.attention.sentence, legend = byId(maps ? "all-roles" : "all-shades");
    const least = byId("all-least").value, score = chosen("score-select");
    const caption = window.headscope.caption({
      what: maps ? "Joint query-key maps of all heads" : "Attention of all heads", columns: [{model: window.headscope.modelNamed(run), identity: run.model.identity, text: run.title, size}],
      map: maps && chosen("all-method"), colour: maps ? chosen("all-colour") : `attention, ${chosen("all-heat")}`,
      notes: [
        all.says(), own && `Your sentence: ${window.headscope.sentence.named()}`, maps && all.previews() && "Hatched: a preview, not fitted yet", maps && said("all-note"), maps && found && `Found: “${found}”`,
        least && `Faint: heads below ${least} by “${score}”`, all.state.starred && "Faint: heads without a star", maps && "Places have no unit",
      ],
      ...window.headscope.stamp(),
    });
    const page = window.headscope.sheet({width, height}, {...caption, axes: {x: "head", y: "layer", top: true}, items: window.headscope.written(legend)});
    return {page, crop: {x: 0, y: 0, width, height}, ...caption};
  }

  function save(url, kind) {
    const {run} = window.headscope;
    const what = all.state.show === "maps" ? byId("all-method").value : `attention-${all.state.attention.sentence ? "sentence" : "passage"}-${all.state.attention.passage + 1}`;
    window.headscope.download(url, window.headscope.fileName(["all-heads", window.headscope.modelNamed(run), run.title, what], kind));
  }

  async function png() {
    const {page, crop, title} = laidOut(), {plot} = page, canvas = document.createElement("canvas");
    Object.assign(canvas, {width: SCALE * page.width, height: SCALE * page.height});
    const pen = canvas.getContext("2d"), sheet = window.headscope.svgOf(page, {title, inner: "", crop});
    const sized = sheet.replace(/width="[^"]*" height="[^"]*"/, `width="${canvas.width}" height="${canvas.height}"`);
    pen.drawImage(await window.headscope.picture(`data:image/svg+xml,${encodeURIComponent(sized)}`), 0, 0, canvas.width, canvas.height);
    pen.scale(SCALE, SCALE);
    pen.translate(plot.x, plot.y);
    pen.scale(plot.width / crop.width, plot.height / crop.height);
    all.drawOn(all.onCanvas(pen));
    save(canvas.toDataURL("image/png"), "png");
  }

  // Dots of one colour become one path of squares: a third of the size of so many shapes.
  function onSvg(parts) {
    let fade = 1, path = [], last = "";
    const round = n => Math.round(10 * n) / 10;
    const flush = () => {
      if (path.length) parts.push(`<path fill="${last}" fill-opacity="${fade}" d="${path.join("")}"/>`);
      path = [];
    };
    return {
      dot(x, y, r, fill) {
        if (fill !== last) { flush(); last = fill; }
        const side = round(2 * r);
        path.push(`M${round(x - r)} ${round(y - r)}h${side}v${side}h-${side}z`);
      },
      box(x, y, w, line) { flush(); parts.push(`<rect x="${x + .5}" y="${y + .5}" width="${w - 1}" height="${w - 1}" fill="none" stroke="${line}"/>`); },
      words(x, y, text, fill, align) {
        flush();
        const anchor = {center: "middle", right: "end"}[align];
        parts.push(`<text x="${x}" y="${y}" fill="${fill}" text-anchor="${anchor}">${window.headscope.escaped(text)}</text>`);
      },
      cover(x, y, w, fill) { flush(); parts.push(`<rect x="${x}" y="${y}" width="${w}" height="${w}" fill="${fill}" fill-opacity="${fade}"/>`); },
      stripes(lines, line) {
        flush();
        const path = lines.map(ends => ends.map(round)).map(([x0, y0, x1, y1]) => `M${x0} ${y0}L${x1} ${y1}`).join("");
        parts.push(`<path stroke="${line}" d="${path}"/>`);
      },
      image(picture, x, y, w) {
        flush();
        const place = `x="${x}" y="${y}" width="${w}" height="${w}" opacity="${fade}"`;
        parts.push(`<image ${place} style="image-rendering: pixelated" href="${picture.toDataURL()}"/>`);
      },
      fade(share) { flush(); fade = share; },
    };
  }

  function svg() {
    const {page, crop, title, lines} = laidOut(), parts = [];
    all.drawOn(onSvg(parts));
    const inner = `<g font-family="Arial, Helvetica, sans-serif" font-size="11">${parts.join("")}</g>`;
    save(window.headscope.asFile(window.headscope.svgOf(page, {title, about: lines.join(" "), inner, crop})), "svg");
  }

  // Its caption says what is chosen: not while something else is still drawn.
  const ready = () => all.drawn() && !byId("all-picture").hasAttribute("data-stale");

  window.headscope.callbacks({
    allSave_png() { if (ready()) png(); else window.headscope.say(WAIT); },
    allSave_svg() { if (ready()) svg(); else window.headscope.say(WAIT); },
  });
})();
