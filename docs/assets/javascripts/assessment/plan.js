// What answers mean: which items apply, what holds, what comes next. The same as macros/assessment.py, for records that
// are not on the site; tests hold the two together on every registry. Nothing here touches the page.
window.plan = (() => {
  const LACKING = ["partial", "planned", "declined", "unsupported"];

  /** Whether an item applies to a registry with these traits. */
  const applies = (item, traits) => {
    const mine = { ...traits, user_accounts: traits.user_accounts === "yes" };
    return Object.entries(item.applies?.when ?? {}).every(([trait, allowed]) => allowed === null || allowed.includes(mine[trait]));
  };

  const decided = (traits) => Boolean(traits?.user_accounts && traits?.packages);

  /** The status of an item in a record; what was not answered is unknown. */
  const status = (item, record) => (applies(item, record.traits) ? (record.claims?.[item.id]?.status ?? "unknown") : "not-applicable");

  const answered = (item, record) => Boolean(record.claims?.[item.id]);

  /** What may be said of some items as a whole: no grade, and nothing unknown counts as met. */
  const standing = (items, record) => {
    const statuses = items.map((item) => status(item, record)).filter((each) => each !== "not-applicable");
    const least = statuses.filter((each) => each === "supported").length;
    const most = least + statuses.filter((each) => each === "unknown").length;
    if (!statuses.length) return "Does not apply.";
    if (least === statuses.length) return "All of it is met.";
    return least === most ? `${least} of ${statuses.length} met.` : `At least ${least} and at most ${most} of ${statuses.length} met.`;
  };

  /** What is not there or only in part, in the order of work, with what has to come first and what it unlocks. */
  const roadmap = (vocabulary, record) => {
    const lacking = (item) => LACKING.includes(status(item, record));
    return vocabulary.items
      .filter(lacking)
      .sort((one, other) => one.order - other.order)
      .map((item) => ({
        item,
        status: status(item, record),
        first: vocabulary.items.filter((other) => item.requires.includes(other.id) && lacking(other)),
        unlocks: vocabulary.items.filter((other) => other.requires.includes(item.id) && lacking(other)),
      }));
  };

  // --------------------------------------------------------------- as text

  const line = (text) => text.replace(/\s+/g, " ").trim();
  const names = (items) => items.map((item) => item.name).join(", ");
  const where = (vocabulary, item) => `${vocabulary.tracks[item.track]}, ${item.level ? vocabulary.levels[item.level].toLowerCase() : "outside the levels"}`;
  const adopters = (item) => item.done_by.map((each) => (each.since ? `${each.name} (${each.since})` : each.name)).join(", ");
  const title = (record) => record.name || "our registry";

  /** A task list in Markdown of all items that apply, for an issue tracker. `address` makes an address absolute. */
  const checklist = (vocabulary, record, address) => {
    const out = [`# Security capabilities of ${title(record)}`];
    let heading = "";
    for (const item of vocabulary.items) {
      const now = status(item, record);
      if (now === "not-applicable") continue;
      if (where(vocabulary, item) !== heading) out.push("", `## ${(heading = where(vocabulary, item))}`, "");
      const claim = record.claims?.[item.id] ?? {};
      const remark = now === "supported" ? (claim.since ? ` (since ${claim.since})` : "") : answered(item, record) ? ` (${vocabulary.statuses[now].toLowerCase()}${claim.note ? `: ${line(claim.note)}` : ""})` : "";
      out.push(`- [${now === "supported" ? "x" : " "}] [${item.name}](${address(item.page)}): ${line(item.statement)}${remark}`);
    }
    return `${out.join("\n")}\n`;
  };

  /** The roadmap in Markdown: what, why, effort, prior art. */
  const proposal = (vocabulary, record, address) => {
    const out = [`# Security roadmap of ${title(record)}`, ""];
    for (const [index, { item, status: now, first, unlocks }] of roadmap(vocabulary, record).entries()) {
      out.push(`${index + 1}. **${item.name}** (${where(vocabulary, item)}; today: ${vocabulary.statuses[now].toLowerCase()})`);
      out.push(`   - What: ${line(item.statement)}`, `   - Why: ${line(item.why)}`, `   - Effort: ${item.effort.size}. ${line(item.effort.reason)}`);
      if (first.length) out.push(`   - Comes after: ${names(first)}`);
      if (unlocks.length) out.push(`   - Unlocks: ${names(unlocks)}`);
      out.push(`   - Prior art: ${adopters(item) || "no registry on the site has it wholly yet"}; see ${address(item.page)}#prior-art`);
      if (item.guidance) out.push(`   - Guidance: ${address(item.guidance)}`);
    }
    return `${out.join("\n")}\n`;
  };

  /** The roadmap as CSV. */
  const csv = (vocabulary, record, address) => {
    const rows = [["order", "id", "capability", "track", "level", "status", "what", "why", "effort", "effort_reason", "comes_after", "unlocks", "prior_art", "page", "guidance"]];
    for (const [index, { item, status: now, first, unlocks }] of roadmap(vocabulary, record).entries())
      rows.push([index + 1, item.id, item.name, vocabulary.tracks[item.track], item.level ?? "", now, line(item.statement), line(item.why), item.effort.size, line(item.effort.reason), names(first), names(unlocks), adopters(item), address(item.page), item.guidance ? address(item.guidance) : ""]);
    return handingOn.csv(rows);
  };

  return { applies, decided, status, answered, standing, roadmap, checklist, proposal, csv, names, adopters };
})();
