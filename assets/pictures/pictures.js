// Pictures of the open run (components/pictures): their files, where a patch is in one, and what is drawn
// with them beside the mouse and over the map.
(() => {
  const {css: colour} = window.headscope;
  const KEPT = 300;
  const images = new Map();

  const address = (tokens, number) => `/picture/${tokens.run}/${number}.png`;

  // A picture; what is to be done with it, when it has come. Those that were not wanted for long are dropped.
  function image(tokens, number, then = () => {}) {
    const from = address(tokens, number), found = images.get(from) || new Image();
    images.delete(from);
    images.set(from, found);
    if (images.size > KEPT) images.delete(images.keys().next().value);
    if (!found.src) found.src = from;
    if (found.complete && found.naturalWidth) then(found); else found.addEventListener("load", () => then(found), {once: true});
    return found;
  }

  // Where a token is: its picture, its place among the tokens of that, its row and column; null for a
  // model's own tokens, which are no patch.
  function placeOf({grid, passage}, token) {
    const number = passage[token], place = token - number * grid.length, patch = place - grid.before;
    return {number, place, row: patch < 0 ? null : Math.floor(patch / grid.columns), column: patch < 0 ? null : patch % grid.columns};
  }

  // What a patch covers of a picture, in its own pixels: left, top, width, height.
  function boxOf({grid}, {row, column}) {
    const [width, height] = [Math.floor(grid.width / grid.columns), Math.floor(grid.height / grid.rows)];
    return [column * width, row * height, width, height];
  }

  const named = ({grid}, number) => `picture ${number + 1}, “${grid.labels[number]}”`;

  // What a token is in words: which patch of which picture, or one of a model's own tokens of it.
  function patchNamed(tokens, token) {
    const {number, row, column} = placeOf(tokens, token), place = row === null ? "" : ` (row ${row + 1}, column ${column + 1})`;
    return `“${tokens.strings[token]}”${place} of ${named(tokens, number)}`;
  }

  // A canvas of a picture, at most `side` pixels across, with the patch of a token framed, and that
  // patch by itself beside it.
  function shown(tokens, token, role, side = 168) {
    const {grid} = tokens, at = placeOf(tokens, token), scale = side / Math.max(grid.width, grid.height);
    const box = document.createElement("div");
    const canvases = [[grid.width * scale, grid.height * scale], at.row === null ? null : [side / 2.4, side / 2.4 * boxOf(tokens, at)[3] / boxOf(tokens, at)[2]]]
      .filter(Boolean).map(([width, height]) => {
        const canvas = box.appendChild(document.createElement("canvas"));
        Object.assign(canvas.style, {width: `${width}px`, height: `${height}px`});
        return [canvas, width, height];
      });
    box.className = "patch-card";
    image(tokens, at.number, picture => canvases.forEach(([canvas, width, height], i) => {
      const pen = window.headscope.pen(canvas, width, height);
      pen.imageSmoothingEnabled = scale < 1;
      if (i) { pen.drawImage(picture, ...boxOf(tokens, at), 0, 0, width, height); return; }
      pen.drawImage(picture, 0, 0, width, height);
      if (at.row === null) return;
      const frame = boxOf(tokens, at).map(n => n * scale);
      for (const [ink, line] of [[colour("--hs-panel"), 4], [colour(`--hs-${role}`), 2]]) {
        Object.assign(pen, {strokeStyle: ink, lineWidth: line});
        pen.strokeRect(...frame);
      }
    }));
    return box;
  }

  // The colour that attention is laid over a picture with: red, green, blue and how little one sees through
  // it. The middle of the heatmap's scale, which shows on paper and on dark photographs; by the square root
  // of its share of the most that there is, since the attention of a patch may be spread over hundreds.
  const laid = (weight, most) => [0, 158, 142, Math.round(75 * Math.sqrt(most > 0 ? Math.max(weight, 0) / most : 0)) / 100];

  // ---- over the map: where few points are in sight, each shows its patch

  const MOST = 240, FEW = 100;

  const inSight = new WeakMap();  // by plot: what was in sight when it was last looked for, and where it looked

  // Role, token and place of the points in sight; none where they are too many.
  function seenIn(gd, tokens, pixel) {
    const {_size: {l, t, w, h}, xaxis, yaxis} = gd._fullLayout, {x} = gd._fullData[0];
    const of = `${tokens.run} ${xaxis.range} ${yaxis.range} ${l} ${t} ${w} ${h}`, kept = inSight.get(gd), seen = [];
    if (kept && kept.of === of && kept.x === x) return kept.seen;
    for (let i = 0; i < 2 * tokens.strings.length && seen.length <= MOST; i++) {
      const [role, token] = [i % 2 ? "query" : "key", i >> 1], at = pixel(gd, role, token);
      if (at && at[0] >= l && at[1] >= t && at[0] <= l + w && at[1] <= t + h) seen.push([role, token, at]);
    }
    if (seen.length > MOST) seen.length = 0;
    inSight.set(gd, {of, x, seen});
    return seen;
  }

  function marks(gd, pen, tokens, pixel) {
    if (!tokens.grid) return;
    const seen = seenIn(gd, tokens, pixel);
    gd.dataset.patches = 0;  // how many are drawn, for screen tests
    const side = seen.length > FEW ? 14 : seen.length > FEW / 4 ? 20 : 30;
    for (const [role, token, [x, y]] of seen) {
      const at = placeOf(tokens, token);
      if (at.row === null) continue;
      const picture = image(tokens, at.number, () => {});
      if (!picture.complete || !picture.naturalWidth) { picture.addEventListener("load", later, {once: true}); continue; }
      pen.drawImage(picture, ...boxOf(tokens, at), x - side / 2, y - side / 2, side, side);
      Object.assign(pen, {strokeStyle: colour(`--hs-${role}`), lineWidth: 2});
      pen.strokeRect(x - side / 2, y - side / 2, side, side);
      gd.dataset.patches++;
    }
  }

  let waiting = false;
  function later() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; window.headscope.drawAll(); });
  }

  // ---- which sets and texts a model can read

  const isSet = name => (document.getElementById("page")?.dataset.pictures || "").split(" ").includes(name) || /^pictures-/.test(name);
  const ofPictures = run => !!run && run.model.task === "picture";

  // The options of the selector of texts for the open run: what its model can't read can't be chosen.
  function readable(options, run) {
    const wanted = ofPictures(run);
    return options.map(({disabled, ...option}) => {
      if (option.value === "own") return {...option, label: wanted ? "Your own pictures …" : option.label.replace("pictures", "text")};
      return isSet(option.value) === wanted ? option : {...option, disabled: true};
    });
  }

  // Passages are pictures, also on stages that are made later.
  let open = null;
  function rename() {
    const word = ofPictures(open) ? "picture" : "passage";
    for (const label of document.querySelectorAll(".passage-chooser label")) label.textContent = word;
    for (const label of document.querySelectorAll("label[for='patterns-passage']")) label.textContent = word[0].toUpperCase() + word.slice(1);
  }
  const made = new MutationObserver(rename);
  function name(run) {
    open = run;
    document.getElementById("main")?.classList.toggle("of-pictures", ofPictures(run));
    document.querySelectorAll(".stage").forEach(stage => made.observe(stage, {childList: true}));
    rename();
  }

  window.headscope.callbacks({
    // What a map can be coloured by: of pictures something else than of texts.
    colourings(run, chosen, kinds) {
      if (!run) return [window.headscope.skip(), window.headscope.skip()];
      const options = kinds[ofPictures(run) ? "pictures" : "texts"];
      return [options, options.some(o => o.value === chosen) ? window.headscope.skip() : options[0].value];
    },
  });

  window.headscope.pictures = {...window.headscope.pictures, address, image, placeOf, boxOf, named, patchNamed, shown, laid, marks, name, isSet, ofPictures, readable};
})();
