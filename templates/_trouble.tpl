{{#T_TOO_MANY}}
<div class="notice bad" role="alert" tabindex="-1" autofocus>
<p><strong>Too many tries.</strong> Please wait {{>_wait}}, then send the form again.</p>
</div>
{{/T_TOO_MANY}}
{{#T_UNAVAILABLE}}
<div class="notice bad" role="alert" tabindex="-1" autofocus>
<p><strong>We cannot do this right now.</strong> The fault is on our side and nothing was changed. Please send the form again in a moment.</p>
</div>
{{/T_UNAVAILABLE}}
{{#T_FORM_EXPIRED}}
<div class="notice bad" role="alert" tabindex="-1" autofocus>
<p><strong>Please send the form once more.</strong> It had been open too long, or your browser kept our cookie away. Cookies must be allowed for this site.</p>
</div>
{{/T_FORM_EXPIRED}}
