<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<style>
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (max-width: 480px) {
  .outer { padding: 0 !important; }
  .card { padding: 28px 20px !important; border-radius: 0 !important; }
}
@media (prefers-color-scheme: dark) {
  .ground { background: #10161d !important; }
  .card { background: #1a222c !important; border-color: #303c49 !important; }
  .ink { color: #e7ecf2 !important; }
  .quiet { color: #a6b2bf !important; }
  .link { color: #8db8f5 !important; }
  .button { background: #8db8f5 !important; color: #0c1b30 !important; }
  .line { border-color: #303c49 !important; }
}
</style>
</head>
<body class="ground" style="margin:0;padding:0;background:#f1f4f7;">
<table role="presentation" width="100%" cellspacing="0" cellpadding="0" border="0" class="ground" style="background:#f1f4f7;">
<tr><td class="outer" align="center" style="padding:32px 12px;">
<table role="presentation" width="100%" cellspacing="0" cellpadding="0" border="0" style="max-width:560px;">
<tr><td class="card ink" style="padding:36px 40px;background:#ffffff;border:1px solid #d5dce3;border-radius:14px;color:#17202b;font:16px/1.5 -apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;word-break:break-word;overflow-wrap:anywhere;">
<p style="margin:0 0 24px;font-weight:600;">{{SITE_NAME}}</p>
