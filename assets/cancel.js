// "Cancel" pressed in a job's first moment: Dash does not know the job yet, and would cancel
// nothing. So it is pressed again until the strip of this job is gone.
(() => {
  const AGAIN = 300;

  document.addEventListener("click", event => {
    const button = event.target.closest(".job [id$=-cancel]"), strip = button && button.closest(".job");
    if (!strip || !event.isTrusted || strip.dataset.cancelling) return;
    strip.dataset.cancelling = "yes";
    const again = setInterval(() => button.click(), AGAIN);
    const watch = new MutationObserver(() => {
      if (!strip.hidden) return;
      clearInterval(again);
      watch.disconnect();
      delete strip.dataset.cancelling;
    });
    watch.observe(strip, {attributes: true, attributeFilter: ["hidden"]});
  });
})();
