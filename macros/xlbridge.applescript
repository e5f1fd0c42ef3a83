-- Started by AppleScriptTask from Excel for Mac; belongs in ~/Library/Application Scripts/com.microsoft.Excel/.
-- `command`: the program and its arguments, a line each. It runs on its own: Excel goes on and can be asked by it.
on XlbStart(command)
	set shellCommand to ""
	repeat with argument in paragraphs of command
		set shellCommand to shellCommand & quoted form of (contents of argument) & " "
	end repeat
	do shell script shellCommand & "> /dev/null 2>&1 &"
	return "started"
end XlbStart
