// Under each heatmap of the stage "Heads": what its colours mean, whether another scale would show
// more, and which names are left out. And its button that gives it the whole workspace.
(() => {
  const {byId, set, plot, every} = window.headscope;
  const PLOTS = ["attention-heatmap", "attention-heatmap-b", "attention-difference"];
  const equal = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

  // ---- what is said

  // As in compute/runs/heat_scales.py: why the picture is faint on the scale from 0 to 1.
  const HALF = "half of the rows stay below 0.25.";
  const OFFERS = {
    all: [`Faint: ${HALF} Show it`, [["clipped", "heat-select", "clip"], ["logarithmic", "heat-select", "log"]]],
    rest: [`Faint: but for sinks, ${HALF}`,
      [["Leave sinks out", "heat-sinks", true], ["logarithmic", "heat-select", "log"]]],
  };

  function button(words, pressed) {
    const made = Object.assign(document.createElement("button"), {type: "button", className: "text-button", textContent: words});
    made.addEventListener("click", pressed);
    return made;
  }

  // A choice that is made is not offered any more: the focus goes to where it can be changed.
  const choice = ([words, id, value]) => button(words, () => { set(id, {value}); byId(id).focus(); });

  // How many names there are, where that is not all of them.
  function thinning(x, y) {
    if (x === 1 && y === 1) return "";
    const of = (what, n) => (n === 1 ? `every ${what}` : `one ${what} in ${n}`);
    const named = x === y ? of("token", x) : `${of("row", y)}, ${of("column", x)}`;
    return `Names: ${named}; drag over a part to see them all.`;
  }

  function whole(gd) {
    const {xaxis, yaxis} = gd._fullLayout, [rows, columns] = sizes(gd);
    return [[xaxis, columns], [yaxis, rows]].every(([{range}, n]) => Math.abs(Math.abs(range[1] - range[0]) - n) < .5);
  }

  const sizes = gd => [gd._fullData[0].z.length, gd._fullData[0].z[0].length];

  const reset = gd => {
    const [rows, columns] = sizes(gd);
    window.Plotly.relayout(gd, {"xaxis.range": [-.5, columns - .5], "yaxis.range": [rows - .5, -.5]});
  };

  const SQUARE = "Rows are queries, which look; columns are keys.";

  function tell(id) {
    const gd = plot(id), box = byId(`${id}-note`);
    if (!gd || !box) return;
    const {scale, pale, sides = SQUARE} = gd.layout.meta || {}, {xaxis, yaxis} = gd._fullLayout, all = whole(gd);
    const parts = [scale, all || "part", pale || "", thinning(every(xaxis), every(yaxis))], key = JSON.stringify([sides, ...parts]);
    if (!scale || box.dataset.said === key) return;
    box.dataset.said = key;
    const offer = OFFERS[pale], lines = [[`${sides} Colour: ${scale}`, parts[3]]];
    if (!all) lines[0].push(button("Show the whole passage", () => { reset(gd); byId(`${id}-large`).focus(); }));
    if (offer) lines.push([offer[0], ...offer[1].map(choice)]);
    box.replaceChildren(...lines.map(line => {
      const made = document.createElement("p");
      line.forEach(part => made.append(part, " "));
      return made;
    }));
  }

  // The server draws as many names as there is room for; nothing is asked for when that changes.
  function measure(id) {
    const gd = plot(id), {width, height} = gd._fullLayout, size = [width, height].map(Math.round);
    if (gd.dataset.size === String(size) || !gd.offsetParent) return;
    gd.dataset.size = size;
    set(`${id}-size`, {data: size});
  }

  function attachAll() {
    for (const id of PLOTS) {
      const gd = plot(id);
      if (!gd || gd.dataset.heat) continue;
      gd.dataset.heat = "yes";
      gd.on("plotly_afterplot", () => measure(id));
      measure(id);
      for (const name of ["afterplot", "relayout"]) gd.on(`plotly_${name}`, () => tell(id));
      tell(id);
    }
  }
  new MutationObserver(attachAll).observe(document.documentElement, {childList: true, subtree: true});

  // ---- large

  const large = () => document.querySelector(".panel.large");

  function enlarge(panel) {
    const before = large();
    if (before) before.classList.remove("large");
    for (const part of document.querySelectorAll(".with-large")) part.classList.remove("with-large");
    if (panel) panel.classList.add("large");
    for (let part = panel && panel.parentElement; part && part.id !== "main"; part = part.parentElement)
      part.classList.add("with-large");
    for (const made of document.querySelectorAll(".enlarge")) {
      const on = made.closest(".panel") === panel;
      made.querySelector("span").textContent = on ? "Back" : "Enlarge";
      made.title = on ? "Back to map and heatmap (Esc)" : "Give it the whole workspace";
      made.setAttribute("aria-pressed", on);
    }
    window.dispatchEvent(new Event("resize"));
    if (panel) panel.scrollIntoView({block: "nearest"});
  }

  document.addEventListener("click", e => {
    const made = e.target.closest(".enlarge");
    if (made) enlarge(made.closest(".panel") === large() ? null : made.closest(".panel"));
  });

  // Before headscope.js hears of it: there Escape deselects.
  document.addEventListener("keydown", e => {
    const panel = large();
    if (e.key !== "Escape" || !panel || !panel.offsetParent || window.headscope.closes(e)) return;
    if (e.target.closest(".modal, .offcanvas, .head-note")) return;
    enlarge(null);
    panel.querySelector(".enlarge").focus();
    e.stopImmediatePropagation();
  });

  // Column B may go away with what was large in it.
  window.addEventListener("resize", () => {
    const panel = large(), column = panel && panel.closest(".view-b, #difference");
    if (column && !window.headscope.comparing()) enlarge(null);
  });

  // ---- both columns on one scale

  let columns = [], told = null;  // with what this was called last, and what the server was told

  // What both show, where the scale depends on both.
  function tellBoth() {
    const [kind, without, other, side, selectionB] = columns;
    const needed = other && side && (kind === "clip" || (without && kind !== "row"));
    const selections = [window.headscope.state.selection ?? null, selectionB ?? null];
    const next = needed ? {columns: [other, side], selections} : null;
    if (equal(next, told)) return;
    told = next;
    set("heat-both", {data: next});
  }

  window.headscope.onSelection(tellBoth);
  window.headscope.callbacks({
    heatBoth(...now) { columns = now; tellBoth(); },
  });
})();
