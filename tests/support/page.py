"""What a person sees of a page: its forms, its notices, what is wrong beside a field."""

import html.parser


class Form:
    def __init__(self, action, method):
        self.action = action
        self.method = method
        self.inputs = []

    def fields(self):
        """What a browser would send of it, untouched."""
        return {one["name"]: one.get("value", "") for one in self.inputs if one.get("name")}

    def named(self, name):
        return next(one for one in self.inputs if one.get("name") == name)


class Page(html.parser.HTMLParser):
    _VOID = {"meta", "link", "input", "br", "hr", "img"}

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.forms, self.resources, self.anchors = [], [], []
        self.title = self.heading = self.notice = self.wrong = self.text = ""
        self._open = []
        self.feed(text)
        self.notice, self.wrong, self.text = (
            " ".join(words.split()) for words in (self.notice, self.wrong, self.text))

    def form_with(self, name):
        return next(one for one in self.forms if name in one.fields())

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag not in self._VOID:
            self._open.append((tag, (attributes.get("class") or "").split()))
        if tag == "form":
            self.forms.append(Form(attributes.get("action"), attributes.get("method", "get")))
        if tag == "input" and self.forms:
            self.forms[-1].inputs.append(attributes)
        if tag in ("script", "img", "link", "iframe"):
            self.resources.append(attributes.get("src") or attributes.get("href"))
        if tag == "a":
            self.anchors.append(attributes.get("href"))

    def handle_endtag(self, tag):
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index][0] == tag:
                del self._open[index:]
                return

    def handle_data(self, data):
        tags = [tag for tag, _ in self._open]
        classes = [name for _, names in self._open for name in names]
        if "script" in tags or "style" in tags:
            return
        if "title" in tags:
            self.title += data
            return
        self.text += data
        if "h1" in tags:
            self.heading += data
        if "notice" in classes:
            self.notice += data
        if "wrong" in classes:
            self.wrong += data
