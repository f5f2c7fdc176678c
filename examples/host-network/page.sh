# Makes a page of what the service answered.
read -r answer
echo "<h1>Built by jbuild</h1>"
echo "<p>The service on the host's localhost said: $answer</p>"
