// Solves the puzzle of the form to sign up while somebody reads it, and hides the question that stands in its place where
// no script runs. The form works without this file.
"use strict";
(() => {
  const K = [], H = [];
  // The first bits of the fractional parts of roots of primes (FIPS 180-4, 4.2.2 and 5.3.3).
  for (let n = 2; K.length < 64; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
    if (!prime) continue;
    const part = (x) => ((x - Math.floor(x)) * 0x100000000) | 0;
    if (H.length < 8) H.push(part(Math.sqrt(n)));
    K.push(part(Math.cbrt(n)));
  }
  const w = new Int32Array(64);

  // The first 32 bits of SHA-256 of an ASCII text of at most 55 characters, which is one block.
  const sha256 = (text) => {
    w.fill(0, 0, 16);
    for (let i = 0; i < text.length; i++) w[i >> 2] |= text.charCodeAt(i) << (24 - (i & 3) * 8);
    w[text.length >> 2] |= 0x80 << (24 - (text.length & 3) * 8);
    w[15] = text.length * 8;
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15], y = w[i - 2];
      const s = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const t = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16] + s + w[i - 7] + t) | 0;
    }
    let [a, b, c, d, e, f, g, h] = H;
    for (let i = 0; i < 64; i++) {
      const s = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t = (h + s + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const r = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const u = (r + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t) | 0; d = c; c = b; b = a; a = (t + u) | 0;
    }
    return (H[0] + a) >>> 0;
  };

  // What was ticked is not lost when a phrase is tried.
  const form = document.querySelector("form[data-puzzle]");
  const phrase = document.querySelector("form[data-keeps-choices]");
  if (!form || !phrase) return;
  phrase.addEventListener("submit", () => {
    for (const field of phrase.querySelectorAll("input[name=watch]")) field.remove();
    for (const box of form.querySelectorAll("input[name=watch]:checked")) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "watch";
      field.value = box.value;
      phrase.append(field);
    }
  });

  const question = form.querySelector("[data-question]");
  const work = form.elements.work;
  const difficulty = Number(form.dataset.difficulty);
  // Where something is said beside the question, it stays to be seen.
  if (!question.querySelector(".search-error")) question.hidden = true;
  let isWaiting = false;
  form.addEventListener("submit", (event) => {
    if (work.value === "" && difficulty > 0) {
      event.preventDefault();
      isWaiting = true;
    }
  });

  let number = 0;
  const puzzle = form.dataset.puzzle;
  // A slice at a time, so that the page answers to touches meanwhile.
  const look = () => {
    const until = performance.now() + 12;
    while (performance.now() < until) {
      for (let i = 0; i < 64; i++, number++) {
        if (Math.clz32(sha256(`${puzzle}:${number}`)) >= difficulty) {
          work.value = String(number);
          if (isWaiting) form.submit();
          return;
        }
      }
    }
    setTimeout(look, 0);
  };
  if (difficulty > 0) look();
})();
