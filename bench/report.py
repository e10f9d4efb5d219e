"""The tables and the plot of bench/web."""

import html

HEAD = ["", "requests/s", "of the control", "p50 ms", "p99 ms", "p99 of the control's", "CPU µs/request"]
COLOURS = {"latchkey": "#0b6e4f", "latchkey-limits": "#0b6e4f"}
GREY = "#8a8f98"
BAR, GAP, LEFT, WIDTH, RIGHT = 16, 6, 150, 420, 90


def table(case):
    """One case as a Markdown table."""
    lines = [f"**{case['title']}, {case['clients']} clients**", "",
             "| " + " | ".join(HEAD) + " |", "|---" + "|---:" * (len(HEAD) - 1) + "|"]
    for row in case["rows"]:
        lines.append(f"| {row['name']} | {row['rate']:,.0f} | {row['rate ratio']:.2f} | {row['p50']:.2f} | "
                     f"{row['p99']:.2f} | {row['p99 ratio']:.2f} | {row['cpu']:.1f} |")
    return "\n".join(lines) + "\n"


def _bars(case, top):
    """The bars of one case, from `top` downwards; and where the next may begin."""
    most = max(row["rate"] for row in case["rows"])
    title = html.escape(f"{case['title']}, {case['clients']} clients (requests/s)")
    parts = [f'<text x="0" y="{top + 12}" font-weight="bold">{title}</text>']
    y = top + 22
    for row in case["rows"]:
        length = max(1, round(WIDTH * row["rate"] / most))
        parts += [f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{html.escape(row["name"])}</text>',
                  f'<rect x="{LEFT}" y="{y}" width="{length}" height="{BAR}" '
                  f'fill="{COLOURS.get(row["name"], GREY)}"/>',
                  f'<text x="{LEFT + length + 6}" y="{y + 12}">{row["rate"]:,.0f}</text>']
        y += BAR + GAP
    return parts, y + 18


def plot(measured):
    """All cases as horizontal bars, an SVG."""
    parts, y = [], 10
    for case in measured:
        bars, y = _bars(case, y)
        parts += bars
    size = f"{LEFT + WIDTH + RIGHT}"
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{y}" viewBox="0 0 {size} {y}" '
            'font-family="sans-serif" font-size="12">\n'
            f'<rect width="{size}" height="{y}" fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>\n")
