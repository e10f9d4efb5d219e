{{#WAIT_SECONDS}}{{N}} {{#ONE}}second{{/ONE}}{{#MANY}}seconds{{/MANY}}{{/WAIT_SECONDS}}{{#WAIT_MINUTES}}{{N}} {{#ONE}}minute{{/ONE}}{{#MANY}}minutes{{/MANY}}{{/WAIT_MINUTES}}
