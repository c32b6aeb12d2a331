// Shows two to four registries of the table side by side, with what differs first. The choice is in the address.
(() => {
  const root = document.querySelector(".side-by-side");
  if (!root) return;
  const form = root.querySelector("form");
  const table = root.querySelector("table");
  const selects = [...form.querySelectorAll("select")];
  const tracks = [...table.querySelectorAll("tbody")];
  const rows = tracks.flatMap((track) => [...track.rows].slice(1).map((row) => ({ row, track })));

  const groups = ["The status differs", "The status is the same, details differ", "Not known of all of them", "Alike, as far as is known"].map((name, index) => {
    const body = document.createElement("tbody");
    body.setAttribute("role", "rowgroup");
    const head = body.insertRow();
    head.className = "group";
    head.setAttribute("role", "row");
    const cell = document.createElement("th");
    Object.assign(cell, { textContent: name, scope: "rowgroup", id: `compare-group-${index + 1}` });
    cell.setAttribute("role", "rowheader");
    head.append(cell);
    return body;
  });

  const details = (cell) => new Map([...cell.querySelectorAll("[data-column]")].map((each) => [each.dataset.column, each.querySelector("dd").textContent.trim()]));

  /** The index of the group that these cells of one capability belong to. */
  const group = (cells) => {
    const known = cells.filter((cell) => cell.dataset.status !== "unknown");
    if (new Set(known.map((cell) => cell.dataset.status)).size > 1) return 0;
    if (known.length < cells.length) return 2;
    const [first, ...others] = known.map(details);
    const differs = ([column, value]) => others.some((each) => each.has(column) && each.get(column) !== value);
    return [...first].some(differs) ? 1 : 3;
  };

  const show = () => {
    const chosen = new Set(selects.map((select) => select.value).filter(Boolean));
    const comparing = chosen.size > 1;
    root.classList.toggle("comparing", comparing);
    for (const cell of table.querySelectorAll("[data-registry]")) cell.hidden = comparing && !chosen.has(cell.dataset.registry);
    for (const body of comparing ? tracks : groups) body.remove();
    table.append(...(comparing ? groups : tracks));
    const counts = groups.map(() => 0);
    for (const { row, track } of rows) {
      const index = comparing ? group([...row.cells].slice(1).filter((cell) => !cell.hidden)) : -1;
      if (comparing) counts[index] += 1;
      (comparing ? groups[index] : track).append(row);
    }
    groups.forEach((body, index) => {
      body.hidden = !counts[index];
      body.rows[0].cells[0].colSpan = chosen.size + 1;
    });
    form.querySelector("output").value = comparing ? `${counts[0]} differ in status, ${counts[1]} in details, ${counts[2]} are not known of all, ${counts[3]} are alike.` : chosen.size ? "Choose a second registry." : "";
  };

  const remember = () => {
    const chosen = [...new Set(selects.map((select) => select.value).filter(Boolean))];
    const address = new URL(location.href);
    if (chosen.length) address.searchParams.set("registries", chosen.join(","));
    else address.searchParams.delete("registries");
    history.replaceState(null, "", address.href.replaceAll("%2C", ","));
    show();
  };

  const known = new Set([...selects[0].options].map((option) => option.value));
  const asked = (new URLSearchParams(location.search).get("registries") ?? "").split(",").filter((id) => id && known.has(id));
  [...new Set(asked)].slice(0, selects.length).forEach((id, index) => (selects[index].value = id));

  form.addEventListener("change", remember);
  form.addEventListener("reset", () => setTimeout(remember));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.querySelector(".copy-link").addEventListener("click", (event) => handingOn.copy(location.href, event.currentTarget));
  show();
})();
