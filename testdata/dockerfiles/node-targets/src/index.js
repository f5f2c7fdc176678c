listen(3000)
