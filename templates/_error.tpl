{{#NOTICE}}{{#N_LINK_BAD}}Error: {{/N_LINK_BAD}}{{#N_LINK_EXPIRED}}Error: {{/N_LINK_EXPIRED}}{{/NOTICE}}
{{#E_LOGIN}}Error: {{/E_LOGIN}}
{{#E_ADDRESS}}Error: {{/E_ADDRESS}}
{{#E_TOO_SHORT}}Error: {{/E_TOO_SHORT}}
{{#E_TOO_LONG}}Error: {{/E_TOO_LONG}}
{{#E_NUL}}Error: {{/E_NUL}}
{{#E_GUESSABLE}}Error: {{/E_GUESSABLE}}
{{#E_CURRENT}}Error: {{/E_CURRENT}}
{{#E_DIFFERENT}}Error: {{/E_DIFFERENT}}
{{#T_TOO_MANY}}Error: {{/T_TOO_MANY}}
{{#T_UNAVAILABLE}}Error: {{/T_UNAVAILABLE}}
{{#T_FORM_EXPIRED}}Error: {{/T_FORM_EXPIRED}}
