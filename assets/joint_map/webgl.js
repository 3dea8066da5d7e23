// Where WebGL is not to be had, or is taken away while the page is open, flat maps are drawn as shapes
// by the server's figure (components/joint_map/maps.py), and maps in space not at all.
(() => {
  const {set, skip} = window.headscope;
  const NEEDED = ["ANGLE_instanced_arrays", "OES_element_index_uint"];  // by Plotly's points

  function there() {
    const pen = document.createElement("canvas").getContext("webgl");
    if (!pen) return false;
    const whole = NEEDED.every(name => pen.getExtension(name));
    const end = pen.getExtension("WEBGL_lose_context");
    if (end) end.loseContext();  // a page has sixteen of them
    return whole;
  }

  window.headscope.webglLost = () => set("no-webgl", {data: true});

  window.headscope.callbacks({
    withoutWebgl() { return there() ? skip() : true; },
    insteadOfMap(missing, dims) {
      const hidden = !(missing && dims === "3");
      return [hidden, hidden];
    },
    flatAgain(...clicks) { return clicks.some(Boolean) ? "2" : skip(); },
  });

  // What a note offers: it presses a switch that may be out of sight.
  document.addEventListener("click", e => {
    const button = e.target.closest("[data-press]");
    if (button) document.getElementById(button.dataset.press).click();
  });
})();
