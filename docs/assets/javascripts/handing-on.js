// Ways out of a page: the clipboard, a download, CSV.
window.handingOn = (() => {
  /** Copies a text and says so on the button; where the browser refuses, `otherwise` is said instead. */
  const copy = async (text, button, otherwise = "Copy it from the address bar") => {
    const said = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
      return true;
    } catch {
      button.textContent = otherwise;
      return false;
    } finally {
      setTimeout(() => (button.textContent = said), 2000);
    }
  };

  const download = (name, type, text) => {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob([text], { type })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };

  // A spreadsheet would take a leading sign for a formula.
  const quoted = (text) => `"${String(text ?? "").replace(/^[=+\-@\t\r]/, "'$&").replaceAll('"', '""')}"`;

  /** Rows as CSV (RFC 4180). */
  const csv = (rows) => rows.map((row) => row.map(quoted).join(",")).join("\r\n") + "\r\n";

  return { copy, download, csv };
})();
