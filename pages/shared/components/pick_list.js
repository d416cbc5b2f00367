const moved = (places) => (places > 0 ? ["up", "▲ " + places.toLocaleString("en")] : places < 0 ? ["down", "▼ " + (-places).toLocaleString("en")] : ["", ""])

const element = (tag, name, text) => {
  const made = document.createElement(tag)
  made.className = name
  if (text !== undefined) made.textContent = text
  return made
}

const bar = (name, share) => {
  const part = element("span", name)
  part.style.width = 100 * Math.max(share, 0) + "%"
  return part
}

/* The parts of a score: their sum is the score. Before a model is trained, and without rules, there are only taste and
   quality. What lowers the score has no bar, but it is told. */
const split = (pick) => [
  ["taste", "taste", pick.from_taste - pick.from_together - pick.from_revisit - pick.from_trend],
  ["together", "chosen together", pick.from_together],
  ["revisit", "looked at before", pick.from_revisit],
  ["trend", "change in demand", pick.from_trend],
  ["quality", "quality", pick.from_quality],
  ["learning", "learned from clicks", pick.from_learning],
  ["rules", "rules", pick.from_rules],
].filter(([name, , share]) => share !== 0 || name === "taste" || name === "quality")

/* The legend names the parts that any row has. */
const legend = (picks) => {
  const labels = new Map(picks.flatMap(split).map(([name, label]) => [name, label]))
  return ["taste", "together", "revisit", "trend", "quality", "learning", "rules"].filter((name) => labels.has(name)).map((name) => {
    const entry = element("span", "")
    entry.append(element("i", name), labels.get(name))
    return entry
  })
}

const row = (pick) => {
  const made = element("button", "pick")
  made.type = "button"
  made.role = "option"
  made.dataset.item = pick.item_id
  const [direction, text] = moved(pick.move)
  const move = element("span", "move " + direction, text)
  move.title = pick.move ? "Places moved against the default α" : ""
  const words = element("span", "words")
  words.append(element("div", "title", pick.title), element("div", "meta", pick.meta), element("div", "reason", pick.reason))
  words.title = pick.title
  const score = element("span", "score"), track = element("span", "track")
  const parts = split(pick)
  track.append(...parts.map(([name, , share]) => bar(name, share)))
  track.title = parts.map(([, label, share]) => `${share.toFixed(3)} ${label}`).join(" + ")
  score.append(track, element("span", "value", pick.score.toFixed(3)))
  made.append(element("span", "rank", pick.rank), move, words, score)
  return made
}

const places = (list) => new Map([...list.children].map((child) => [child.dataset.item, child.getBoundingClientRect().top]))

/* Slide every row that stayed from where it was to where it is now. */
const slide = (list, before) => {
  for (const child of list.children) {
    const was = before.get(child.dataset.item)
    const shift = was === undefined ? 0 : was - child.getBoundingClientRect().top
    if (shift) child.animate([{ transform: `translateY(${shift}px)` }, { transform: "none" }], { duration: 220, easing: "ease-out" })
  }
}

/* Show a list; rows can be chosen where the screen says which one is: the first where the chosen one is not in this list. */
const show = (list, root, picks, chosen, choose) => {
  const before = places(list), selected = chosen && (picks.some((pick) => pick.item_id === chosen) ? chosen : picks[0]?.item_id)
  list.replaceChildren(...picks.map(row))
  root.querySelector("#legend").replaceChildren(...legend(picks))
  for (const child of list.children) {
    child.ariaSelected = String(child.dataset.item === selected)
    if (chosen) child.onclick = () => choose(child.dataset.item)
    else child.style.cursor = "default"
  }
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) slide(list, before)
}

/* A mark below the slider: part of the way, text, line from above, and how much of the text is to the left, in percent. */
const mark = (part, text, line, left) => {
  const made = element("span", "", text)
  Object.assign(made.style, { left: 100 * part + "%", top: line + "rem", transform: `translateX(-${left}%)` })
  return made
}

/* Every α's list is here already, so the slider changes the list at once; the screen is told when it is let go. An answer to
   an earlier move leaves the slider where it was moved to since. */
const dial = (root, data, turn, setStateValue) => {
  const box = root.querySelector("#dial"), input = box.querySelector("input"), last = data.steps.length - 1
  const answered = input.dataset.sent === undefined || Number(input.dataset.sent) === data.steps[data.at].alpha
  input.max = last
  if (answered) {
    delete input.dataset.sent
    if (!input.matches(":active")) input.value = data.at
  }
  const marks = box.querySelector("#marks")
  marks.style.height = data.marks.length + 1 + "rem"
  marks.replaceChildren(...data.marks.flatMap(([at, label], line) => [mark(at / last, "▲", 0, 50), mark(at / last, label, line + 1, (100 * at) / last)]))
  const tell = () => {
    const step = data.steps[input.value]
    box.querySelector("output").textContent = "α = " + step.alpha.toFixed(2)
    turn(step.picks)
  }
  input.oninput = tell
  input.onchange = () => {
    const alpha = data.steps[input.value].alpha
    input.dataset.sent = alpha
    setStateValue("alpha", alpha)
  }
  tell()
}

export default function ({ data, parentElement, setStateValue }) {
  const list = parentElement.querySelector("#list"), choose = (item) => setStateValue("selected", item)
  dial(parentElement, data, (picks) => show(list, parentElement, picks, data.selected, choose), setStateValue)
}
