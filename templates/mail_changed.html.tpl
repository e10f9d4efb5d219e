{{%AUTOESCAPE context="HTML"}}
<!doctype html>
<p>{{SITE_NAME}}</p>
