<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="stylesheet" href="{{BASE}}/static/latchkey.css">
<script src="{{BASE}}/static/latchkey.js" defer></script>
</head>
<body>
<header><a href="{{HOME_URL}}">{{SITE_NAME}}</a></header>
<main>
