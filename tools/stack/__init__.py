"""The whole product on private ports and sockets: what the demo and the tests stand on.

Each module starts one thing and stops what it started: mariadb.py, smtp.py, nginx.py, apache.py,
latchkey.py; stack.py puts them together. Nothing here needs root, and nothing here uses /etc, /run or /var.
"""
