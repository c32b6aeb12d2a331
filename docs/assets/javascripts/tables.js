// The theme puts tables into boxes that scroll sideways; this lets keyboards reach and scroll them.
(() => {
  const reach = () => {
    for (const box of document.querySelectorAll(".md-typeset__scrollwrap:not([tabindex])")) box.tabIndex = 0;
  };
  new MutationObserver(reach).observe(document.documentElement, { childList: true, subtree: true });
  reach();
})();
