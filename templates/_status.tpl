{{#S_400}}This form was damaged{{/S_400}}
{{#S_403}}This form was not sent from here{{/S_403}}
{{#S_404}}There is no such page{{/S_404}}
{{#S_405}}This page does not work that way{{/S_405}}
{{#S_411}}Part of the form was missing{{/S_411}}
{{#S_413}}This was too much{{/S_413}}
{{#S_415}}This form was sent in a way we cannot read{{/S_415}}
{{#S_429}}Too many tries{{/S_429}}
{{#S_500}}Something went wrong{{/S_500}}
{{#S_503}}We cannot do this right now{{/S_503}}
{{#S_FORM_EXPIRED}}This form is too old{{/S_FORM_EXPIRED}}
{{#S_UNSURE}}We cannot say whether it worked{{/S_UNSURE}}
