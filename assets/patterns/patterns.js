// The stage "Patterns": painting cells over a heatmap, clicks in the matrix and in lists of heads.
(() => {
  const {attach, byId, card, css, hear, openHead, plot, set, skip, triggered} = window.headscope;

  let looking = false;  // whether heads are being looked for
  let painted = new Set(), stroke = null;  // "query-key"; what a drag does: paint or take back

  // ---- painting

  function drawPainted() {
    const gd = plot("patterns-heatmap"), canvas = byId("patterns-canvas"), over = byId("patterns-over");
    if (!gd || !canvas) return;
    const {width, height} = gd.getBoundingClientRect(), pen = window.headscope.pen(canvas, width, height);
    const {xaxis, yaxis} = gd._fullLayout;
    Object.assign(canvas.style, {width: `${width}px`, height: `${height}px`});
    over.hidden = byId("patterns-rule").value !== "painted";
    window.headscope.lay(over, xaxis._offset, yaxis._offset, xaxis._length, yaxis._length);
    if (!over.hidden) paintCells(gd, pen);
  }

  // With a canvas's pen, or one that writes SVG (save_picture.js).
  function paintCells(gd, pen) {
    pen.strokeStyle = css("--hs-key");
    pen.fillStyle = css("--hs-key");
    for (const cell of painted) {
      const [x, y, width, height] = window.headscope.cell(gd, ...cell.split("-").map(Number));
      pen.globalAlpha = .35;
      pen.fillRect(x, y, width, height);
      pen.globalAlpha = 1;
      pen.lineWidth = 1.5;
      pen.strokeRect(x + .75, y + .75, width - 1.5, height - 1.5);
    }
  }

  window.headscope.paintedOver = (gd, pen) => {
    if (!byId("patterns-over").hidden) paintCells(gd, pen);
  };

  function cellAt(event) {
    const gd = plot("patterns-heatmap");
    if (!gd) return null;
    const box = gd.getBoundingClientRect(), {xaxis, yaxis} = gd._fullLayout, {z} = gd._fullData[0];
    const key = Math.round(xaxis.p2d(event.clientX - box.left - xaxis._offset));
    const query = Math.round(yaxis.p2d(event.clientY - box.top - yaxis._offset));
    return key >= 0 && query >= 0 && query < z.length && key < z[0].length ? `${query}-${key}` : null;
  }

  function paint(event) {
    const cell = cellAt(event);
    if (!cell) return;
    if (stroke) painted.add(cell); else painted.delete(cell);
    drawPainted();
  }

  document.addEventListener("pointerdown", e => {
    if (e.target.id !== "patterns-over" || e.button) return;
    const cell = cellAt(e);
    if (!cell) return;
    stroke = !painted.has(cell);
    e.target.setPointerCapture(e.pointerId);
    paint(e);
    e.preventDefault();
  });
  document.addEventListener("pointermove", e => {
    if (e.target.id !== "patterns-over") return;
    if (stroke !== null) paint(e);
    const cell = cellAt(e), gd = plot("patterns-heatmap");
    if (!cell || !gd) return;
    const [query, key] = cell.split("-").map(Number), z = gd._fullData[0].z[query][key];
    const starts = gd._fullLayout.meta || {}, {state, ofRole, weight} = window.headscope;
    const name = (i, role) => (state.tokens && role in starts ? `“${ofRole(state.tokens, role).strings[starts[role] + i]}”` : i);
    e.target.title = `${name(query, "query")} → ${name(key, "key")}  ${weight(z)}`;
  });
  for (const kind of ["pointerup", "pointercancel"]) document.addEventListener(kind, () => {
    if (stroke === null) return;
    stroke = null;
    const cells = [...painted].map(c => c.split("-").map(Number)).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    set("patterns-cells", {value: cells.map(c => c.join("-")).join(",")});
  });

  // ---- heads in lists

  document.addEventListener("click", e => {
    if (e.target.closest(".to-heads")) set("stage-select", {value: "heads"});
    const link = e.target.closest("[data-open-head]");
    if (!link) return;
    const [, layer, head] = /L(\d+)H(\d+)/.exec(link.dataset.openHead);
    const side = e.shiftKey || link.dataset.side === "b" ? "-b" : "";
    if (side) set("compare-toggle", {active: true});
    openHead(layer, head, side);
  });

  // ---- plots

  // Ticks have the names of classes as Plotly reads them.
  const chosen = ({layout: {meta: {names}}}, {y, x}) => set("patterns-cell", {value: `${names[y]}→${names[x]}`});

  function attachAll() {
    const [heatmap, matrix, ...others] = ["heatmap", "matrix", "positions", "offsets"].map(name => plot(`patterns-${name}`));
    if (attach(heatmap, card.hears("patterns-heatmap"))) {
      hear(heatmap, "afterplot", drawPainted);
      drawPainted();
    }
    attach(matrix, {click: ({points}) => chosen(matrix, points[0])});
    others.forEach(gd => attach(gd));
  }

  window.headscope.callbacks({
    // Averages are asked for when a text is shown here for the first time.
    patternsAsk(stage, run, asked) {
      if (run) window.headscope.passages.carry(stage);
      if (!run || stage !== "patterns" || (asked && asked.run === run.key)) return skip();
      return {run: run.key};
    },

    // The rules that the open attention can have; the chosen one stays if it is among them.
    patternsOffer(run, rule, kinds) {
      if (!run) return [skip(), skip()];
      const options = kinds[window.headscope.isCross(run) ? "cross" : window.headscope.pictures.ofPictures(run) ? "pictures" : "within"];
      return [options, options.some(({value}) => value === rule) ? skip() : options[0].value];
    },

    patternsShow(view, rule, source) {
      requestAnimationFrame(() => window.dispatchEvent(new Event("resize")));
      return [
        ...["find", "classes", "average"].map(name => name !== view),
        rule !== "offset", rule === "painted", rule !== "painted", source !== "rules", source !== "file",
      ];
    },

    patternsPaint(cells, rule) {
      // While somebody paints, what comes is of the stroke before.
      if (stroke === null) painted = new Set((cells || "").split(",").filter(cell => /^\d+-\d+$/.test(cell)));
      requestAnimationFrame(drawPainted);
      if (rule !== "painted") return "";
      const count = painted.size;
      return count ? `${count.toLocaleString("en")} ${count === 1 ? "cell" : "cells"} painted.`
        : "Click or drag over cells of the heatmap: row = query, column = key.";
    },

    // While heads are looked for, and if none could be ranked, those of the pattern before are away.
    patternsTold(_clicks, found, _run, failed) {
      const wasLooking = looking;
      if (triggered("patterns-find")) {
        looking = true;
        window.headscope.messages.close();  // what it told is over
        return ["", true];
      }
      const ranked = triggered("patterns-found") && found;
      if (triggered("error-toast") && !ranked) {
        // While the job runs the message is of something else.
        if (!failed || !wasLooking || !byId("patterns-found-job").hidden) return [skip(), skip()];
        looking = false;
        set("patterns-found", {data: null});
        return ["No head is ranked by this pattern: the message says why.", true];
      }
      if (triggered("patterns-found") && !ranked) return [skip(), skip()];
      looking = false;
      return ["", false];
    },

    patternsClear() { set("patterns-cells", {value: ""}); },
  });

  new MutationObserver(attachAll).observe(document.documentElement, {childList: true, subtree: true});
  window.addEventListener("resize", () => requestAnimationFrame(drawPainted));
})();
