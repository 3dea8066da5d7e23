// The stage "Patterns": painting cells over a heatmap, clicks in the matrix and in lists of heads.
(() => {
  const {byId, set, skip} = window.headscope;
  const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const PLOTS = ["patterns-heatmap", "patterns-matrix", "patterns-positions", "patterns-offsets"];

  let painted = new Set(), stroke = null;  // "query-key"; what a drag does: paint or take back

  const plot = id => {
    const gd = document.querySelector(`#${id} .js-plotly-plot`);
    return gd && gd._fullLayout && gd._fullData && gd._fullData.length ? gd : null;
  };

  // ---- painting

  function drawPainted() {
    const gd = plot("patterns-heatmap"), canvas = byId("patterns-canvas"), over = byId("patterns-over");
    if (!gd || !canvas) return;
    const {width, height} = gd.getBoundingClientRect(), ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    Object.assign(canvas.style, {width: `${width}px`, height: `${height}px`});
    const {xaxis, yaxis} = gd._fullLayout, pen = canvas.getContext("2d");
    over.hidden = byId("patterns-rule").value !== "painted";
    Object.assign(over.style, {left: `${xaxis._offset}px`, top: `${yaxis._offset}px`,
      width: `${xaxis._length}px`, height: `${yaxis._length}px`});
    if (over.hidden) return;
    pen.scale(ratio, ratio);
    paintCells(gd, pen);
  }

  // With a canvas's pen, or one that writes SVG (save_picture.js).
  function paintCells(gd, pen) {
    const {xaxis, yaxis} = gd._fullLayout;
    pen.strokeStyle = css("--hs-key");
    pen.fillStyle = css("--hs-key");
    for (const cell of painted) {
      const [query, key] = cell.split("-").map(Number);
      const [x0, x1] = [key - .5, key + .5].map(v => xaxis._offset + xaxis.d2p(v));
      const [y0, y1] = [query - .5, query + .5].map(v => yaxis._offset + yaxis.d2p(v));
      pen.globalAlpha = .35;
      pen.fillRect(x0, y0, x1 - x0, y1 - y0);
      pen.globalAlpha = 1;
      pen.lineWidth = 1.5;
      pen.strokeRect(x0 + .75, y0 + .75, x1 - x0 - 1.5, y1 - y0 - 1.5);
    }
  }

  window.headscope.paintedOver = (gd, pen) => {
    if (!byId("patterns-over").hidden) paintCells(gd, pen);
  };

  function cellAt(event) {
    const gd = plot("patterns-heatmap");
    if (!gd) return null;
    const box = gd.getBoundingClientRect(), {xaxis, yaxis} = gd._fullLayout, m = gd._fullData[0].z.length;
    const key = Math.round(xaxis.p2d(event.clientX - box.left - xaxis._offset));
    const query = Math.round(yaxis.p2d(event.clientY - box.top - yaxis._offset));
    return key >= 0 && query >= 0 && key < m && query < m ? `${query}-${key}` : null;
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
    const {start} = gd._fullLayout.meta || {}, tokens = window.headscope.state.tokens;
    const name = i => (tokens && start !== undefined ? `“${tokens.strings[start + i]}”` : i);
    e.target.title = `${name(query)} → ${name(key)}  ${z.toFixed(3)}`;
  });
  document.addEventListener("pointerup", () => {
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
    set(`layer-select${side}`, {value: layer});
    set(`head-select${side}`, {value: head});
  });

  // ---- plots

  function attachAll() {
    for (const id of PLOTS) {
      const gd = plot(id);
      if (!gd || gd.dataset.attached) continue;
      gd.dataset.attached = "yes";
      gd.closest(".plot").classList.add("drawn");  // until then the style sheet shows a wait
      if (id === "patterns-heatmap") gd.on("plotly_afterplot", drawPainted);
      if (id === "patterns-heatmap") drawPainted();
      if (id === "patterns-matrix") gd.on("plotly_click", ({points: [point]}) => {
        const {names} = gd.layout.meta;  // ticks have them as Plotly reads them
        set("patterns-cell", {value: `${names[point.y]}→${names[point.x]}`});
      });
    }
  }

  window.headscope.callbacks({
    // Averages are asked for when a text is shown here for the first time.
    patternsAsk(stage, run, asked) {
      if (!run || stage !== "patterns" || (asked && asked.run === run.key)) return skip();
      return {run: run.key};
    },

    patternsShow(view, rule, source) {
      requestAnimationFrame(() => window.dispatchEvent(new Event("resize")));
      return [
        ...["find", "classes", "average"].map(name => name !== view),
        rule !== "offset", rule === "painted", rule !== "painted", source !== "rules", source !== "file",
      ];
    },

    patternsPaint(cells, rule) {
      painted = new Set((cells || "").split(",").filter(cell => /^\d+-\d+$/.test(cell)));
      requestAnimationFrame(drawPainted);
      if (rule !== "painted") return "";
      const count = painted.size;
      return count ? `${count.toLocaleString("en")} ${count === 1 ? "cell" : "cells"} painted.`
        : "Click or drag over cells of the heatmap: row = query, column = key.";
    },

    patternsClear() { set("patterns-cells", {value: ""}); },
  });

  new MutationObserver(attachAll).observe(document.documentElement, {childList: true, subtree: true});
  window.addEventListener("resize", () => requestAnimationFrame(drawPainted));
})();
