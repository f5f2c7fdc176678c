App = 1
