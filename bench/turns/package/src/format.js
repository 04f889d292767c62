/** `5400` as `1h30m`. */
export function format(seconds) {
  if (seconds === 0) return "0s";
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = hours > 0 ? 0 : seconds % 60;
  const parts = [
    [hours, "h"],
    [minutes, "m"],
    [rest, "s"],
  ];
  return parts.flatMap(([count, unit]) => (count === 0 ? [] : [`${count}${unit}`])).join("");
}
