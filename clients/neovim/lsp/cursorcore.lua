return require('cursorcore.config').lsp()
