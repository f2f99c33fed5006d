// Reads every .ics of a folder with one JavaScript client; prints {calendars, problems} as JSON.
// usage: node readers.mjs (ical.js|node-ical) FOLDER      (resolves packages from the current folder)

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(join(process.cwd(), "package.json"));
const [client, folder] = process.argv.slice(2);
const two = (number) => String(number).padStart(2, "0");
const day = (year, month, date) => `${year}-${two(month)}-${two(date)}`;
const instant = (moment) => moment.toISOString().slice(0, 16) + "Z";

function clean(words, problems) {
  for (const word of words) {
    if (typeof word === "string" && word !== word.normalize("NFC")) problems.push("text is not NFC");
    if (typeof word === "string" && /[\u0000-\u0009\u000b-\u001f\u007f]/.test(word)) problems.push("control character");
  }
}

async function icalJs() {
  const ICAL = (await import(pathToFileURL(require.resolve("ical.js")))).default;
  return (text, problems) => {
    const calendar = new ICAL.Component(ICAL.parse(text));
    if (calendar.name !== "vcalendar") problems.push("no VCALENDAR");
    if (!calendar.getFirstPropertyValue("prodid")) problems.push("no PRODID");
    for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
    return calendar.getAllSubcomponents("vevent").map((component) => {
      const event = new ICAL.Event(component);
      const { startDate: start, endDate: end } = event;
      if (!start) throw new Error("no DTSTART");
      if (!event.uid) problems.push("no UID");
      // adjust() normalises in place: a month of 13 shows as another date than the one written
      const written = component.getFirstProperty("dtstart").toJSON()[3];
      if (start.toString() !== written) problems.push(`DTSTART ${written} is no date`);
      if (end && end.compare(start) < (start.isDate ? 1 : 0)) problems.push(`${event.uid} ends before it starts`);
      clean([event.summary, event.description, event.location], problems);
      const when = start.isDate ? day(start.year, start.month, start.day) : instant(start.toJSDate());
      return [event.uid, when, event.summary];
    });
  };
}

async function nodeIcal() {
  const ical = require("node-ical");
  return (text, problems) => {
    const events = Object.values(ical.sync.parseICS(text)).filter((component) => component.type === "VEVENT");
    return events.map((event) => {
      if (!(event.start instanceof Date) || Number.isNaN(event.start.getTime())) throw new Error("no DTSTART");
      if (!event.uid) problems.push("no UID");
      if (event.end < event.start) problems.push(`${event.uid} ends before it starts`);
      clean([event.summary, event.description, event.location], problems);
      const start = event.start;
      const when =
        event.datetype === "date" ? day(start.getFullYear(), start.getMonth() + 1, start.getDate()) : instant(start);
      return [event.uid, when, event.summary];
    });
  };
}

const read = await { "ical.js": icalJs, "node-ical": nodeIcal }[client]();
const result = { calendars: {}, problems: {} };
for (const path of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".ics")).sort()) {
  const name = relative(folder, join(folder, path)).slice(0, -4);
  const problems = [];
  const text = readFileSync(join(folder, path), "utf8");
  try {
    result.calendars[name] = read(text, problems);
    const stated = (text.match(/^BEGIN:VEVENT/gm) ?? []).length;
    if (stated !== result.calendars[name].length) problems.push(`${stated} events written, other number read`);
    if (!text.endsWith("END:VCALENDAR\r\n")) problems.push("cut short");
  } catch (error) {
    problems.push(String(error.message ?? error));
  }
  if (problems.length) result.problems[name] = problems;
}
console.log(JSON.stringify(result));
