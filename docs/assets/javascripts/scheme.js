// Sets the scheme that the reader chose before, or else the one that the system asks for.
(() => {
  const kept = __md_get("__palette");
  if (!kept?.color) return;
  const { ...color } = kept.color;
  if (color.media === "(prefers-color-scheme)") {
    const media = matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
    const input = document.querySelector(`[data-md-color-media="(prefers-color-scheme: ${media})"]`);
    for (const name of ["media", "scheme", "primary", "accent"]) color[name] = input.getAttribute(`data-md-color-${name}`);
  }
  for (const [name, value] of Object.entries(color)) document.body.setAttribute(`data-md-color-${name}`, value);
})();
