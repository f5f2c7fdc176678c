build/out/js/app.js
