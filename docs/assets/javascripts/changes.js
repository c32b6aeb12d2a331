// Filters the list of changes by registry and capability. The choice is in the address, so that it can be shared.
(() => {
  const form = document.querySelector(".changes form.filter");
  if (!form) return;
  const changes = [...document.querySelectorAll(".changes [data-registry]")];
  const selects = [...form.querySelectorAll("select")];

  const show = () => {
    let shown = 0;
    for (const change of changes) {
      change.hidden = selects.some((select) => select.value && change.dataset[select.name] !== select.value);
      if (!change.hidden) shown += 1;
    }
    for (const year of document.querySelectorAll(".changes .year")) year.hidden = !year.querySelector("[data-registry]:not([hidden])");
    form.querySelector("output").value = `${shown} of ${changes.length} changes`;
  };

  const remember = () => {
    const address = new URL(location.href);
    for (const select of selects) {
      if (select.value) address.searchParams.set(select.name, select.value);
      else address.searchParams.delete(select.name);
    }
    history.replaceState(null, "", address);
    show();
  };

  const chosen = new URLSearchParams(location.search);
  for (const select of selects) {
    const value = chosen.get(select.name);
    if ([...select.options].some((option) => option.value === value)) select.value = value;
  }
  form.addEventListener("change", remember);
  form.addEventListener("reset", () => setTimeout(remember));
  form.addEventListener("submit", (event) => event.preventDefault());
  show();
})();
