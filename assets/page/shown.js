// What takes room only while it is shown is told to the part of the page that gives the room, as a
// class of that part. A style sheet could look for it by itself (:has), but then the browser would
// look again at every change of the page: on a head switch that took 40 ms.
(() => {
  const ROOMS = [  // what, the part that it lies in, and that part's class
    ["#sights", "#page", "with-strip"],
    ["#sight", "#page", "with-sight"],
    [".head-note-box", ".map-panel", "with-note"],
    [".first-note", ".map-panel", "with-first"],
    [".map-instead", ".map-panel", "with-words"],
    [".strongest", ".heatmap-panel", "with-list"],
    ["#scale-scan-job", "#stage-scale", "scanning"],
    ["#corpus-measured-job", "#stage-corpus", "measuring"],
  ];

  function tell() {
    for (const [what, part, name] of ROOMS)
      for (const each of document.querySelectorAll(what)) {
        const room = each.closest(part);
        if (room && room.classList.contains(name) === each.hidden) room.classList.toggle(name, !each.hidden);
      }
  }

  new MutationObserver(tell).observe(document.documentElement,
    {childList: true, subtree: true, attributes: true, attributeFilter: ["hidden"]});
})();
