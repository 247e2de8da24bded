// The search: it looks through assets/search.js, which is loaded as a script once the box is used, because a page
// that was opened from a folder may load scripts beside it but read no files.
"use strict";

(() => {
  const most = 30;
  const root = document.body.dataset.root;
  const form = document.querySelector(".search");
  const box = document.getElementById("search");
  const found = document.getElementById("found");
  let entries = null;

  window.swathSearch = (loaded) => {
    entries = loaded.map(([name, address, text]) => ({ name, address, text, all: `${name} ${text}`.toLowerCase() }));
    show();
  };

  function load() {
    if (document.getElementById("entries")) return;
    const script = document.createElement("script");
    script.id = "entries";
    script.src = `${root}assets/search.js`;
    document.head.append(script);
  }

  function matches(words) {
    const hits = entries.filter((entry) => words.every((word) => entry.all.includes(word)));
    const rank = (entry) => {
      const name = entry.name.toLowerCase();
      if (name === words.join(" ")) return 0;
      return words.every((word) => name.includes(word)) ? 1 : 2;
    };
    return hits.map((entry, index) => [rank(entry), index, entry]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  }

  function show() {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    found.hidden = words.length === 0 || entries === null;
    if (found.hidden) return;
    const hits = matches(words);
    const told = document.createElement("p");
    told.textContent = hits.length > most ? `${hits.length} found, the first ${most}:` : `${hits.length} found`;
    const list = document.createElement("ul");
    for (const [, , entry] of hits.slice(0, most)) {
      const link = document.createElement("a");
      link.href = root + entry.address;
      link.textContent = entry.name;
      const text = document.createElement("small");
      text.textContent = entry.text;
      link.append(text);
      const item = document.createElement("li");
      item.append(link);
      list.append(item);
    }
    found.replaceChildren(told, list);
  }

  function move(event) {
    const links = [...found.querySelectorAll("a")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") {
      box.value = "";
      show();
      box.focus();
    } else if (step && links.length) {
      event.preventDefault();
      const next = links.indexOf(document.activeElement) + step;
      (links[next] || (next < 0 ? box : links[links.length - 1])).focus();
    }
  }

  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const first = found.querySelector("a");
    if (first) first.click();
  });
  form.addEventListener("keydown", move);
  box.addEventListener("focus", load);
  box.addEventListener("input", show);
  document.addEventListener("keydown", (event) => {
    const isTyping = /^(input|textarea|select)$/i.test(event.target.tagName);
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      box.focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (!form.contains(event.target)) found.hidden = true;
  });
})();
