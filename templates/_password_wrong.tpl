{{#E_TOO_SHORT}} aria-invalid="true" autofocus{{/E_TOO_SHORT}}
{{#E_TOO_LONG}} aria-invalid="true" autofocus{{/E_TOO_LONG}}
{{#E_NUL}} aria-invalid="true" autofocus{{/E_NUL}}
{{#E_GUESSABLE}} aria-invalid="true" autofocus{{/E_GUESSABLE}}
{{#E_CURRENT}} aria-invalid="true" autofocus{{/E_CURRENT}}
{{#E_DIFFERENT}} aria-invalid="true" autofocus{{/E_DIFFERENT}}
